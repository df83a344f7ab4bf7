"""The driver of a Slurm launcher whose runs are stand-ins."""

import sys

from mtlviz.runs import worker
from mtlviz.runs.cluster import slurm_driver
from tests.runs import stand_in

COMMAND = (sys.executable, __file__)

if __name__ == "__main__":
    pace = worker.Pace(beat_seconds=0.3, checkpoint_seconds=0.5)
    sys.exit(slurm_driver.main(opening=stand_in.opening, pace=pace))
