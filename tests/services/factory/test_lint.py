"""The lint against files of known make: our own, the ones with a compiled twin, and damaged ones."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import Refused
from gateway.models.graph import Graph
from gateway.models.operators import DENSE_OPTIONS, Op, Padding, conv_options
from gateway.models.serialise import serialise
from services.factory.__main__ import main
from services.factory.flatmodel import read_model
from services.factory.lint import LintReport, lint
from services.factory.macs import macs
from tests.models.tiny import shared, tiny_model

COMPILED_TWINS = ("mobilenet_v1_0.25_128_quant", "movenet_single_pose_lightning_ptq")
"""Of these there is a file that the real compiler made."""


def convolution(*, batch: int = 1, version: int = 1, side: int = 8) -> bytes:
    graph = Graph("one")
    image = graph.input("image", (batch, side, side, 1), np.int8)
    filters = graph.constant("filters", np.ones((2, 3, 3, 1), np.int8), np.full(2, 0.1, np.float32))
    bias = graph.constant("bias", np.zeros(2, np.int32))
    options = replace(conv_options(Padding.SAME, 1, relu=True), version=version)
    graph.output(graph.operate(Op.CONV_2D, (image, filters, bias), (batch, side, side, 2), options, name="maps"))
    return serialise(graph, "a convolution")


def keys(report: LintReport, kind: str) -> set[str]:
    return {finding.key for finding in report.findings if finding.kind == kind}


def test_a_float_model_is_told_to_be_one() -> None:
    report = lint(tiny_model())
    assert report.operators == (("CONV_2D", 1, 1), ("MEAN", 1, 1), ("FULLY_CONNECTED", 1, 1))
    assert (report.int8_complete, report.compiles, report.mapped) == (False, False, False)
    assert keys(report, "blocks") == {"not_quantised"}
    assert keys(report, "cpu") == {"float"}


@pytest.mark.parametrize(("version", "told"), [(5, set()), (6, {"version"})])
def test_an_operator_newer_than_the_compiler_ends_it(version: int, told: set[str]) -> None:
    assert keys(lint(convolution(version=version)), "blocks") - {"not_quantised"} == told


def test_a_batch_is_left_to_the_processor() -> None:
    assert keys(lint(convolution(batch=2)), "cpu") == {"batch"}
    assert keys(lint(convolution()), "cpu") == set()


def test_an_open_shape_ends_the_compiler() -> None:
    assert "dynamic" in keys(lint(convolution(side=-1)), "blocks")


@pytest.mark.shared
@pytest.mark.parametrize("name", COMPILED_TWINS)
def test_what_the_real_compiler_took_is_taken(name: str) -> None:
    assert lint(shared(f"models/{name}.tflite").read_bytes()).compiles
    assert keys(lint(shared(f"models/{name}_edgetpu.tflite").read_bytes()), "blocks") >= {"compiled"}


@pytest.mark.shared
def test_a_whole_int8_model_has_no_finding() -> None:
    report = lint(shared("models/mobilenet_v1_0.25_128_quant.tflite").read_bytes())
    assert (report.findings, report.int8_complete, report.mapped) == ((), True, True)


@pytest.mark.shared
def test_multiplications_are_those_of_the_paper() -> None:
    """MobileNet (arXiv:1704.04861), table 7: 0.25 at 128 px takes 14 million."""
    count = macs(shared("models/mobilenet_v1_0.25_128_quant.tflite").read_bytes())
    assert round(count / 1e6) == 14


def test_multiplications_of_each_kind_are_counted() -> None:
    assert macs(tiny_model()) == 8 * 8 * 2 * 3 * 3 * 3 + 2 * 3


def test_a_dense_layer_counts_its_weights() -> None:
    graph = Graph("dense")
    given = graph.input("x", (1, 5))
    weights = graph.constant("w", np.ones((7, 5), np.float32))
    graph.output(graph.operate(Op.FULLY_CONNECTED, (given, weights), (1, 7), DENSE_OPTIONS))
    assert macs(serialise(graph, "dense")) == 35


def test_the_file_is_read_as_it_was_written() -> None:
    model = read_model(convolution())
    (operator,) = model.operators
    filters = operator.inputs[1]
    assert filters is not None
    assert (filters.name, filters.shape, filters.dtype, filters.constant) == ("filters", (2, 3, 3, 1), "int8", True)
    assert filters.scales == pytest.approx((0.1, 0.1))
    assert [tensor.name for tensor in (*model.inputs, *model.outputs)] == ["image", "maps"]


def test_damaged_files_are_refused_and_never_crash() -> None:
    whole, rng = tiny_model(), np.random.default_rng(3)
    refused: Counter[str] = Counter()
    for _ in range(3000):
        data = bytearray(whole[: int(rng.integers(8, len(whole) + 1))] if rng.random() < 0.3 else whole)
        for place in rng.integers(0, len(data), int(rng.integers(1, 9))):
            data[place] = int(rng.integers(256))
        try:
            lint(bytes(data))
            macs(bytes(data))
        except Refused as error:
            refused[error.key] += 1
    assert set(refused) == {"model_invalid"}
    assert refused["model_invalid"] > 500


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\x00" * 64, b"\xff\xff\xff\xffTFL3" + b"\xff" * 64])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="model_invalid"):
        lint(data)


def test_the_verb_tells_and_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new.tflite"
    file.write_bytes(convolution(version=6))
    assert main(["lint", str(file)]) == 1
    told = capsys.readouterr().out
    assert "1 x CONV_2D v6" in told
    assert "version 6; the compiler knows up to 5" in told
