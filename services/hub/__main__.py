"""`python -m services.hub`: the same as `hearthgate-hub`."""

import sys

from services.hub.app.cli import main

sys.exit(main())
