"""Prune, distil and quantise for real, in the factory's own environment (`make factory`, or HEARTHGATE_FACTORY)."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.factory.flatmodel import read_model
from services.factory.lint import lint
from services.factory.macs import macs

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    models: Mapping[str, bytes]
    right: Mapping[str, float]
    lines: list[str]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    python = Path(os.environ.get("HEARTHGATE_FACTORY") or ROOT / ".venv-factory" / "bin" / "python")
    if not python.exists():
        pytest.skip("needs the factory's own environment (make factory)")
    folder = tmp_path_factory.mktemp("trained")
    command = [str(python), "-m", "tests.services.factory.training", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    models = {file.stem: file.read_bytes() for file in folder.glob("*.tflite")}
    return Trained(models=models, right=told["right"], lines=told["lines"])


def test_pruned_channels_are_really_gone(trained: Trained) -> None:
    assert macs(trained.models["pruned"]) < 0.4 * macs(trained.models["teacher"])
    assert len(trained.models["pruned"]) < len(trained.models["teacher"])
    assert trained.right["teacher"] >= 0.95
    assert trained.right["pruned"] >= trained.right["teacher"] - 0.05


def test_a_quarter_as_wide_a_student_learns_from_the_teacher(trained: Trained) -> None:
    assert macs(trained.models["student"]) < 0.15 * macs(trained.models["teacher"])
    assert trained.right["student"] >= 0.85
    losses = [float(line.rpartition(" ")[2]) for line in trained.lines]
    assert len(losses) == 5
    assert losses[-1] < losses[0]


def test_int8_is_what_the_accelerators_compiler_takes(trained: Trained) -> None:
    report = lint(trained.models["int8"])
    assert (report.findings, report.int8_complete, report.mapped) == ((), True, True)
    model = read_model(trained.models["int8"])
    assert {tensor.dtype for tensor in (*model.inputs, *model.outputs)} == {"int8"}
    assert model.inputs[0].shape == (1, 16, 16, 1)
    assert trained.right["int8"] >= trained.right["pruned"] - 0.03


def test_heads_can_stay_float(trained: Trained) -> None:
    report = lint(trained.models["heads"])
    assert {finding.where.split()[0] for finding in report.findings} == {"FULLY_CONNECTED"}
    assert report.compiles
    assert read_model(trained.models["heads"]).outputs[0].dtype == "float32"
    assert trained.right["heads"] >= trained.right["pruned"] - 0.03


def test_an_old_file_is_mended_before_it_is_quantised(trained: Trained) -> None:
    report = lint(trained.models["aged"])
    assert (report.findings, report.int8_complete) == ((), True)
    assert trained.right["aged"] >= trained.right["pruned"] - 0.03


def test_headroom_widens_all_ranges_but_the_inputs(trained: Trained) -> None:
    tight, roomy = (read_model(trained.models[name]) for name in ("aged", "roomy"))
    assert tight.inputs[0].scales == roomy.inputs[0].scales == pytest.approx((8 / 255,), rel=0.01)
    assert roomy.outputs[0].scales[0] == pytest.approx(2 * tight.outputs[0].scales[0], rel=0.02)
