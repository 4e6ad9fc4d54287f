"""Calling the compiler: a program of that name on PATH, which behaves as told, stands in for the closed one."""

import os
from pathlib import Path

import pytest

from gateway.errors import Refused
from services.factory.__main__ import main
from services.factory.compile import NOT_INSTALLED, compile_for_tpu
from tests.models.tiny import shared

pytestmark = pytest.mark.shared

PLAIN, COMPILED = "models/mobilenet_v1_0.25_128_quant.tflite", "models/mobilenet_v1_0.25_128_quant_edgetpu.tflite"

SCRIPT = """#!/bin/sh
# edgetpu_compiler --show_operations --out_dir FOLDER FILE
[ "$1" = --show_operations ] && [ "$2" = --out_dir ] || exit 64
{body}
echo "Edge TPU Compiler version 16.0.384591198"
echo "On-chip memory used for caching model parameters: 592.50KiB"
echo "Number of operations that will run on Edge TPU: 30"
echo "Number of operations that will run on CPU: 1"
"""


@pytest.fixture
def model() -> Path:
    return shared(PLAIN)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    program = folder / "bin" / "edgetpu_compiler"
    program.parent.mkdir()
    program.write_text(SCRIPT.format(body=body), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def test_a_compiled_model_comes_with_what_its_card_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(tmp_path, monkeypatch, f'cp {shared(COMPILED)} "$3/$(basename "$4" .tflite)_edgetpu.tflite"')
    assert main(["compile", str(model), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "1 operators stay on the processor" in told
    assert f'"sram_bytes": {round(592.5 * 1024)}' in told
    assert '"name": "mobilenet_v1_0.25_128_quant_edgetpu.tflite"' in told
    assert '"bytes": 801454' in told


def test_without_the_compiler_nothing_is_made_and_the_status_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["compile", str(model), "--out", str(tmp_path / "out")]) == NOT_INSTALLED
    assert "the model was NOT compiled" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_compiler_that_gives_up_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    install(tmp_path, monkeypatch, "echo 'Internal compiler error. Aborting!' >&2; exit 1")
    with pytest.raises(Refused, match=r"compiler_failed.*Aborting"):
        compile_for_tpu(model, tmp_path / "out")


@pytest.mark.parametrize("body", ["", 'cp "$4" "$3/$(basename "$4" .tflite)_edgetpu.tflite"'])
def test_a_result_that_is_no_compiled_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path, body: str
) -> None:
    install(tmp_path, monkeypatch, body)
    with pytest.raises(Refused, match="compiler_lied"):
        compile_for_tpu(model, tmp_path / "out")


def test_a_model_the_compiler_would_not_take_is_not_given_to_it(tmp_path: Path) -> None:
    assert main(["compile", str(shared(COMPILED)), "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
