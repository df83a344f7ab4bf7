"""What a run is likely to cost, from its settings and its data alone; needs no torch.

`facts` reads the tasks and counts; `checkpoints` finds a pretrained encoder and `shapes` reads its
headers; `sizes` counts parameters, `work` what is computed; `memory` and `duration` add up.
"""
