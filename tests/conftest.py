"""Two test processes share two cores: one thread each, and no thread that waits by spinning."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture
def data_folder():
    """The folder of real data sets; tests that need it are skipped where it is absent."""
    folder = os.environ.get("MTLVIZ_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the data sets: MTLVIZ_DATA does not name a folder")
    return Path(folder)
