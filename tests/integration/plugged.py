"""The daemon on a machine with another kernel: `python -m tests.integration.plugged ROOT run --config FILE`.

Which accelerators are plugged in, and how hot it is, is read below ROOT; all else is the product as it is.
"""

import sys
from pathlib import Path

from gateway.app.cli import main
from gateway.health.heat import hottest_c
from gateway.models.tpu.presence import present

if __name__ == "__main__":
    present.__defaults__ = (Path(sys.argv[1]),)
    hottest_c.__defaults__ = (Path(sys.argv[1]) / "sys/class",)
    sys.exit(main(sys.argv[2:]))
