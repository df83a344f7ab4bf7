"""`python -m mtlviz`, and so `torchrun -m mtlviz`, for where the command is not on the path."""

import sys

from mtlviz.cli import main

sys.exit(main())
