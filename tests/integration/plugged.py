"""The daemon on a machine with another kernel: `python -m tests.integration.plugged ROOT run --config FILE`.

Which accelerators are plugged in is read below ROOT; all else is the product as it is.
"""

import sys
from pathlib import Path

from gateway.app.cli import main
from gateway.models.tpu.presence import present

if __name__ == "__main__":
    present.__defaults__ = (Path(sys.argv[1]),)
    sys.exit(main(sys.argv[2:]))
