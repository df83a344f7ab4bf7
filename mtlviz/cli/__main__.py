"""`python -m mtlviz.cli`, for places where the command is not on the path."""

import sys

from mtlviz.cli import main

sys.exit(main())
