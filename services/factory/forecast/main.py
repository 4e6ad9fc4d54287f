"""`python -m services.factory forecaster --out DIR`: the thermostat's network, its card and its report.

Drawn rows are kept in DIR and used again by a second run; everything else is made anew. About 35 minutes on two cores.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gateway.climate.forecast.net import INPUT_LIMIT
from gateway.models import files
from services.factory.forecast import judged
from services.factory.forecast.card import card_of
from services.factory.forecast.rows import Rows, drawn, lacking
from services.factory.gate import Gate, release
from services.factory.lint import lint, table
from services.factory.report import Report, markdown, measured
from services.factory.report import write as write_report
from services.factory.weights import order, say

TRAINS = tuple(range(1, 13))
JUDGES = 99
"""Seeds of sets."""
HOUSES = 150
WIDTHS = (128, 64)
STUDENT = (48, 24)
EPOCHS = 24
GATES = (
    Gate(metric="kept", at_least=0.99),
    Gate(metric="flat skill 1h", at_least=0.06),
    Gate(metric="flat skill 3h", at_least=0.06),
    Gate(metric="flat skill 6h", at_least=0.03),
    Gate(metric="drawn skill 1h", at_least=0.2),
    Gate(metric="drawn skill 6h", at_least=0.4),
)
JUDGED = "network int8"
MOST_BYTES = 100_000
_CALIBRATES = 4000
_JUDGES_ROWS = 20_000
_NOTES = (
    "Trained on houses, weather and people drawn at random; nothing measured trained anything.",
    "drawn: houses of another seed, each row lacking some sensors at random.",
    "flat: OpenSmartHomeData (CC BY-SA 4.0), six rooms, 2017-04-01 to 05-10, every half hour: a house never seen.",
    "The network alone, as on a room's first day. RMSE in K; skill: 1 - RMSE / RMSE of persistence.",
    "kept: worst share of its float twin's accuracy, over all columns.",
    "linear: no hidden layer. pruned: half of the network's channels, trained on. distilled: taught by the network.",
)


def main(arguments: Sequence[str]) -> int:
    given = order("forecaster", __doc__, arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    judges = _judging(_kept(given.out, JUDGES))
    real = judged.flat(given.data / "opensmarthome")
    parts = [_kept(given.out, seed) for seed in TRAINS]
    trains = Rows(given=np.concatenate([p.given for p in parts]), change=np.concatenate([p.change for p in parts]))
    builds = _builds(trains, given.seed)
    for name, data in builds.items():
        files.write(given.out / "builds" / f"{name.replace(' ', '-')}.tflite", data)
    say("measuring")
    metrics = _compared(builds, {name: judged.metrics(data, judges, real) for name, data in builds.items()})
    report = Report(
        title="The thermostat's network", rows=measured(builds, metrics), judged=JUDGED, gates=GATES, notes=_NOTES
    )
    _publish(given.out, builds[JUDGED], metrics[JUDGED], report, judges.given[::700], seed=given.seed)
    return 0


def _kept(out: Path, seed: int) -> Rows:
    """Rows of an earlier run, or new ones."""
    file = out / f"houses-{seed}-{HOUSES}.npz"
    if not file.exists():
        say(f"drawing {HOUSES} houses of seed {seed}")
        rows = drawn(seed, HOUSES)
        with files.replacing(file) as stream:
            np.savez(stream, given=rows.given.astype(np.float16), change=rows.change.astype(np.float16))
    with np.load(file) as held:
        limited = np.clip(held["given"].astype(np.float32), -INPUT_LIMIT, INPUT_LIMIT)
        return Rows(given=limited, change=held["change"].astype(np.float32))


def _judging(rows: Rows) -> Rows:
    step = max(len(rows.given) // _JUDGES_ROWS, 1)
    return Rows(given=lacking(rows.given[::step], np.random.default_rng(JUDGES)), change=rows.change[::step])


def _builds(trains: Rows, seed: int) -> dict[str, bytes]:
    from services.factory.seeds import fix_seeds

    rng = fix_seeds(seed)
    from services.factory.distil import distil
    from services.factory.forecast.net import BATCH, fit, loss, network
    from services.factory.forecast.rows import batches
    from services.factory.prune import prune
    from services.factory.quantise import to_float, to_int8

    def train(model: Any, epochs: int, rate: float = 2e-3) -> Any:
        fit(model, trains, epochs=epochs, rng=rng, progress=say, rate=rate)
        return model

    whole = train(network(*WIDTHS), EPOCHS)
    linear = train(network(), 3)
    pruned = prune(whole, 0.5, lambda model: train(model, EPOCHS // 6, 1e-3))
    student, hard = network(*STUDENT), loss(trains.change)
    few = Rows(given=trains.given[::4], change=trains.change[::4])
    distil(whole, student, lambda: batches(few, rng, BATCH), hard=hard, soft=_near, epochs=6, rate=2e-3, progress=say)
    samples = list(lacking(trains.given[:: max(len(trains.given) // _CALIBRATES, 1)], rng))
    models = {"linear": linear, "network": whole, "pruned": pruned, "distilled": student}
    floats = {name: to_float(model) for name, model in models.items()}
    return floats | {f"{name} int8": to_int8(models[name], samples) for name in ("network", "pruned", "distilled")}


def _near(taught: Any, answer: Any) -> Any:
    import tensorflow as tf

    return tf.reduce_mean(tf.square(taught - answer))


def _compared(builds: Mapping[str, bytes], metrics: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """With what int8 keeps of its float twin."""
    twins = {name: name.removesuffix(" int8") for name in builds}
    return {
        name: told | ({"kept": judged.kept(metrics[twins[name]], told)} if twins[name] != name else {})
        for name, told in metrics.items()
    }


def _publish(
    out: Path,
    data: bytes,
    metrics: Mapping[str, float],
    report: Report,
    questions: npt.NDArray[np.float32],
    *,
    seed: int,
) -> None:
    """Writes the report; the model, its card and golden vectors only where every gate holds."""
    write_report(report, out, "thermostat")
    files.write(out / "REPORT.md", (markdown(report) + f"\n```\n{table(lint(data)).rstrip()}\n```\n").encode())
    card, golden = card_of(data, questions, seed=seed)
    sized = Gate(metric="spare bytes", at_least=0)
    release(out / card.file, data, {**metrics, "spare bytes": MOST_BYTES - len(data)}, (*GATES, sized))
    assert card.golden is not None
    files.write(out / card.golden.name, golden)
    text = json.dumps(card.model_dump(mode="json", exclude_defaults=True), indent=2) + "\n"
    files.write(out / f"{card.id}.json", text.encode())
