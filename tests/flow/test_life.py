"""Three promises that stand before any feature. Real processes, real signals."""

import subprocess
import sys
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
ROOT = Path(__file__).parents[2]


def start(out: Path, trouble: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(out), trouble],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )


def terminate_after(process: subprocess.Popen[str], lines: int) -> tuple[list[str], str]:
    """What the process said it sent, and its error output."""
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(lines)]
    process.terminate()
    rest, errors = process.communicate(timeout=30)
    return [line.split()[1] for line in [*said, *rest.splitlines()] if line], errors


def test_nothing_is_lost_on_sigterm(tmp_path: Path) -> None:
    out = tmp_path / "numbers"
    with start(out, "nothing") as process:
        sent, errors = terminate_after(process, 200)
    written = out.read_text().split()
    assert process.returncode == 0, errors
    assert len(sent) >= 200
    assert set(sent) <= set(written)
    assert len(written) == len(set(written))


def test_a_lost_camera_does_not_end_the_process(tmp_path: Path) -> None:
    out = tmp_path / "numbers"
    with start(out, "weather") as process:
        sent, errors = terminate_after(process, 400)
    assert process.returncode == 0, errors
    assert set(sent) <= set(out.read_text().split())
    assert {"a49", "a50", "b49", "b50"} <= set(sent), "no number was delivered across the loss"


def test_a_bug_ends_the_process(tmp_path: Path) -> None:
    with start(tmp_path / "numbers", "bug") as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "ZeroDivisionError" in errors
