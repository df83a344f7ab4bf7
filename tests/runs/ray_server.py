"""The driver of a Ray launcher whose runs are stand-ins."""

import sys

from mtlviz.runs import worker
from mtlviz.runs.cluster import ray_driver
from tests.runs import stand_in

COMMAND = (sys.executable, __file__)

if __name__ == "__main__":
    pace = worker.Pace(beat_seconds=0.3, checkpoint_seconds=0.5)
    sys.exit(ray_driver.main(opening=stand_in.opening, pace=pace))
