"""SCRIPTED: experiments without stored runs, made from a checkout by `tests/benchmarks/`."""

from mtlviz.engine.presets import SENTENCE_SETS
from mtlviz.replication.experiment import Experiment

_SOURCE = "Wu, Zhang and Ré"
SCRIPTED: dict[str, Experiment] = {
    "continual-scenarios": Experiment(
        "Eight methods in three scenarios on real sentences: which scenario, which winner?",
        "",
        script="continual",
        pretrained=True,
        data=("sst2_sent", "subj", "trec", "cr", "mpqa"),
        notes=(
            "Beside an earlier measurement of five seeds and one draw of 1,000 sentences a task. "
            "*Another draw*: where the mean of one more draw lies 95 times in 100, by three draws "
            "of five seeds: few, so it is wide. An earlier number in it agrees; of so many, one in "
            "twenty falls outside by chance.",
            "What the earlier table does not tell was chosen by it: the last table says what was "
            "tried. Held out is what its count of 8,879 texts fits: 500 development sentences a "
            "task, of CR 379, of TREC the test questions; with other held-out sentences all cells "
            "move by up to two points.",
        ),
    ),
    "six": Experiment(
        "Six sentence sets: capacity, and what leaked examples make of transfer.",
        _SOURCE,
        script="six",
        data=SENTENCE_SETS,
        notes=(
            "The six sets share one encoder (hard sharing, one linear head each) or have one each. "
            "MR, SUBJ and SST are cut from the same reviews, so both ways are trained with the "
            "examples that also stand in an evaluation split and with others in their place: as "
            "many, in the same order. Capacities are chosen on development and scored on test.",
            "On whole sets, five seeds, SST and MR gain 7.0 and 9.2 points together with these "
            "examples, 0.5 and 1.9 without them: most of that gain is the leak's part. At the "
            "1,000–2,000 examples a task of the other tables the leak's part cannot be told for "
            "MR: LSTM +4.4 with it and +5.9 (−3.0 to +14.8) without, CNN +5.0 and +5.4. The paper "
            "describes no removal of duplicates; that its gains come from the same leak is our "
            "inference, for its training sets were not at hand. Texts are compared without case, "
            "blanks and punctuation: near-duplicates stay.",
            "*What was cut*: 2,000 examples a task and 4 epochs (averaging), 1,000 and 3 (the two "
            "others), three seeds; the leak on whole sets, 3 epochs, five seeds. Random word "
            "vectors of width 50, trained, where the paper starts from GloVe; at most 48 words. "
            "One step size for all capacities, which is probably too large for the LSTM at 500: "
            "that column says little of capacity. Together the shared encoder makes six times as "
            "many updates as one alone, each task's examples being seen equally often.",
        ),
    ),
    "similarity": Experiment(
        "How alike are ten tasks, by equation 5 and normalised?",
        _SOURCE,
        script="similarity",
        pretrained=True,
        data=("sst2_sent", "vectors"),
        notes=(
            "Above the diagonal normalised similarity with its jackknife error, on and below it "
            "equation 5, which is not 1 for a task against itself. What two random halves of one "
            "task reach is the most that can be asked of two tasks. Around the origin of word "
            "vectors everything is alike, because all texts share a mean.",
        ),
    ),
    "alignment": Experiment(
        "Does alignment help on pairs of sentence sets, and does similarity predict transfer?",
        _SOURCE,
        script="alignment",
        pretrained=True,
        data=(*SENTENCE_SETS, "cs224n_sst", "cola"),
        notes=(
            "All 28 pairs of eight sentence sets on fixed vectors (mean word vectors of MiniLM's "
            "table, or its outputs) in 50 common directions, one ReLU layer, linear heads, leaked "
            "sentences dropped. Test accuracy (CoLA and SST-5: development) after the last update. "
            "*B fixed* is Algorithm 1: the shared layer is kept while R is trained; *joint* trains "
            "both. The control has as many parameters and no alignment.",
            "The counts of pairs that rise are those of the best of the settings, which flatters "
            "alignment. Pairs share tasks, so they are not independent: p is the share of "
            "renamings of the tasks that reach as much.",
        ),
    ),
    "reweighting": Experiment(
        "Does SVD reweighting help where one task's labels are partly random?",
        _SOURCE,
        script="reweighting",
        pretrained=True,
        data=("trec", "cs224n_sst"),
        notes=(
            "Yes-or-no tasks on the same sentences (each of TREC's classes, each of SST's "
            "thresholds), 20 % random labels on one of them, 500 sentences, capacity 5. The paper "
            "has 20 pairs of X-ray tasks. The rule weighs the noisy task down, but also tasks that "
            "ask something of their own: see what it does without noise.",
            "The blog's wording, on one embedding a task, gives tasks on the same inputs equal "
            "weights, and so equal scores.",
        ),
    ),
}
