"""Byte code that is right on the device: for where it will lie, and never compared with its source."""

import marshal
import sys
from importlib.util import cache_from_source
from pathlib import Path

from imager.bytecode import compile_here

_UNCHECKED = 0b01
"""PEP 552: by hash, and the hash is not looked at."""


def test_it_names_its_place_on_the_device(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    source = tmp_path / "mine/thing.py"
    source.write_text("def act(): ...\n")
    (tmp_path / "other.py").write_text("")

    compile_here(sys.executable, tmp_path, "/opt/place", tmp_path / "mine")

    made = Path(cache_from_source(str(source))).read_bytes()
    assert int.from_bytes(made[4:8], "little") == _UNCHECKED
    assert marshal.loads(made[16:]).co_filename == "/opt/place/mine/thing.py"
    assert not Path(cache_from_source(str(tmp_path / "other.py"))).exists()
