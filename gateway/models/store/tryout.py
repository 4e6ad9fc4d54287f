"""A new model is first opened in a process of its own: a signature says who made it, not that it crashes nothing.

`try_out` starts `python -m gateway.models.store.tryout`, which loads the model, checks its tensors against the card,
asks it a made-up question and its golden vectors, and answers on standard output.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError, Refused
from gateway.models import vectors
from gateway.models.backends import backend_for
from gateway.models.store.objects import Objects
from gateway.models.tflite import compiled_for_tpu
from gateway.wire.model_card import ModelCard

TryOut = Callable[[ModelCard, Objects], None]

LONGEST_S = 120.0
_MOST_MEMORY = 4 << 30
_MOST_ANSWER = 4096


def try_out(card: ModelCard, objects: Objects, *, longest_s: float = LONGEST_S) -> None:
    """Its files are handed over as open, checked descriptors. Raises `Refused`: "model_crashes" (the process died or
    hung), "model_golden", "model_not_for_tpu", and what `Backend.load`, `vectors.check` and `Objects.opened` raise."""
    with ExitStack() as stack:
        opened = {file.sha256: stack.enter_context(objects.opened(file)) for file in card.files()}
        question = {"card": card.model_dump(mode="json"), "files": {k: f.fileno() for k, f in opened.items()}}
        answer = _ask(json.dumps(question), tuple(opened.values()), card.id, longest_s)
    if answer is not None:
        raise Refused(str(answer.pop("key", "model_crashes")), **{**answer, "model": card.id})


def _ask(question: str, files: Sequence[BufferedReader], model: str, longest_s: float) -> dict[str, Any] | None:
    command = [sys.executable, "-I", "-m", "gateway.models.store.tryout"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            input=question.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            pass_fds=[file.fileno() for file in files],
            timeout=longest_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("model_crashes", model=model, cause=f"no answer within {longest_s:g} s") from None
    if done.returncode:
        raise Refused("model_crashes", model=model, cause=_ended(done.returncode))
    return _read(done.stdout, model)


def _read(answer: bytes, model: str) -> dict[str, Any] | None:
    """None for a model that passed. The process ran what nobody knows, so its answer is checked too."""
    try:
        told = json.loads(answer[:_MOST_ANSWER])
    except ValueError:
        told = ""
    if told is None or (isinstance(told, dict) and all(isinstance(value, str) for value in told.values())):
        return told
    raise Refused("model_crashes", model=model, cause="an answer that cannot be read")


def _ended(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit status {code}"


def main() -> int:
    """The child: a question on standard input, on standard output `null` or the key and facts of an error."""
    _confine()
    question = json.load(sys.stdin)
    card = ModelCard.model_validate(question["card"])
    answer = None
    try:
        _try(card, {sha256: Path(f"/proc/self/fd/{fd}") for sha256, fd in question["files"].items()})
    except GatewayError as error:
        answer = {name: str(value)[:300] for name, value in error.facts.items()} | {"key": error.key}
    sys.stdout.write(json.dumps(answer))
    return 0


def _confine() -> None:
    """No core file, no unbounded memory, no competition with the daemon."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    os.nice(10)


def _try(card: ModelCard, files: dict[str, Path]) -> None:
    if card.tpu is not None and not compiled_for_tpu(files[card.tpu.file.sha256].read_bytes()):
        raise Refused("model_not_for_tpu", model=card.id)
    backend = backend_for(card)
    backend.load(card, files[card.sha256])
    vectors.ask_made_up(backend, card)
    if card.golden is not None:
        report = vectors.check(backend, card, files[card.golden.sha256].read_bytes())
        if not report.holds:
            raise Refused("model_golden", model=card.id, worst=report.worst_abs, cosine=report.cosine)
    backend.close()


if __name__ == "__main__":
    sys.exit(main())
