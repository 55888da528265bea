"""`python -m vobj` is the command `vobj`."""

import sys

from vobj.cli.main import main

sys.exit(main())
