"""Two test processes share two cores: one thread each, and no thread that waits by spinning."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
