"""Three test processes share two cores: one thread each, none that spins, and nothing is timed.

One of the three mostly waits for a browser.
"""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# What one process of the tests has compiled, all later ones read; elsewhere it may be forbidden.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# A machine that is busy with something else makes no property false.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture
def data_folder():
    """The folder of real data sets; tests that need it are skipped where it is absent."""
    folder = os.environ.get("MTLVIZ_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the data sets: MTLVIZ_DATA does not name a folder")
    return Path(folder)
