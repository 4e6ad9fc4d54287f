"""What a model costs in memory, measured in a process that does nothing else: this module run as a program."""

import json
import subprocess
import sys
from pathlib import Path

from gateway.app.bench.measure import resident_mb
from gateway.app.bench.ready import Ready, question
from gateway.errors import Refused
from gateway.models.backends import backend_for
from gateway.models.runtime import interpreter_class
from gateway.wire.model_card import ModelCard


def footprint_mb(model: Ready) -> tuple[float, float]:
    """Resident MB that the runtime adds when it is imported, and the model when it is loaded and asked three times.
    Raises `Refused("bench_program_failed")`."""
    done = subprocess.run(  # noqa: S603  # this very module
        [sys.executable, "-m", __name__, str(model.file)],
        input=model.card.model_dump_json(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refused("bench_program_failed", program=__name__, said=done.stderr[-300:])
    runtime_mb, model_mb = json.loads(done.stdout)
    return runtime_mb, model_mb


def _main() -> None:
    card = ModelCard.model_validate_json(sys.stdin.read())
    before = resident_mb()
    if card.backend == "onnx":
        import onnxruntime  # noqa: F401  # only to see what it costs
    else:
        interpreter_class()
    between = resident_mb()
    backend = backend_for(card)
    backend.load(card, Path(sys.argv[1]))
    for _ in range(3):
        backend.infer(question(card))
    after = resident_mb()
    sys.stdout.write(json.dumps([between - before, after - between]))


if __name__ == "__main__":
    _main()
