"""What is laid over the root."""

import os
from pathlib import Path

from imager.tree import age, copy_tree


def test_a_file_is_replaced_and_its_permissions_are_those_of_git(tmp_path: Path) -> None:
    overlay, root = tmp_path / "overlay", tmp_path / "root"
    (overlay / "etc").mkdir(parents=True)
    (overlay / "etc/plain").write_text("new")
    (overlay / "etc/plain").chmod(0o600)
    (overlay / "etc/tool").write_text("#!/bin/sh")
    (overlay / "etc/tool").chmod(0o775)
    (overlay / "etc/gone").symlink_to("/dev/null")
    (root / "etc").mkdir(parents=True)
    (root / "etc/plain").symlink_to(tmp_path / "elsewhere")

    copy_tree(overlay, root)

    assert (root / "etc/plain").read_text() == "new"
    assert not (tmp_path / "elsewhere").exists()
    assert (root / "etc/plain").stat().st_mode & 0o777 == 0o644
    assert (root / "etc/tool").stat().st_mode & 0o777 == 0o755
    assert (root / "etc/gone").readlink() == Path("/dev/null")


def test_only_what_is_younger_is_aged(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("")
    (tmp_path / "new").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    os.utime(tmp_path / "old", (5, 5))

    age(tmp_path, 1000)

    times = {name: (tmp_path / name).lstat().st_mtime for name in ("old", "new", "link", ".")}
    assert times == {"old": 5, "new": 1000, "link": 1000, ".": 1000}
