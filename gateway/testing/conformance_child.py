"""What every `gateway.models.tpu.child.Child` must do: call `check_child` with a factory and a model that it takes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.errors import GatewayError, Invalid
from gateway.models.tpu.child import Child
from gateway.models.tpu.errors import TpuFailed, TpuLost
from gateway.wire.model_card import ModelCard, TensorSpec

Make = Callable[[], Child]
Array = npt.NDArray[np.generic]

_PATIENCE_S = 10.0


def check_child(make: Make, card: ModelCard, file: Path, other: Path) -> None:
    """Raises AssertionError naming the promise that is broken. `other` is a file that is not the card's."""
    _check_life(make())
    _check_answers(make(), card, file)
    _check_inputs(make(), card, file)
    _check_files(make(), card, file, other)
    _check_owner(make(), card, file)
    _check_end(make(), card, file)


def _check_life(child: Child) -> None:
    assert (child.pid, child.alive) == (0, False), "nothing runs before start"
    info = child.start()
    assert info.took_s >= 0, "a start takes time"
    assert child.pid > 0, "a started child has a process"
    assert child.alive, "a started child lives"
    child.close()
    child.close()
    assert _is_dead(child), "close ends it"


def _check_answers(child: Child, card: ModelCard, file: Path) -> None:
    child.start()
    assert _load(child, card, file) >= 0, "loading takes time"
    _, outputs = _specs(card)
    answer = child.infer(card.id, _inputs(card), _PATIENCE_S)
    kept = [output.copy() for output in answer]
    found = [(output.shape, output.dtype.name) for output in answer]
    assert found == [(spec.shape, spec.dtype) for spec in outputs], "answers are the accelerator's tensors, in order"
    child.infer(card.id, _inputs(card, seed=1), _PATIENCE_S)
    assert all(map(np.array_equal, answer, kept)), "an answer does not change with the next one"
    child.unload(card.id)
    child.unload(card.id)
    assert _raises_bug(lambda: child.infer(card.id, _inputs(card), _PATIENCE_S)), "an unloaded model is not asked"
    child.close()


def _check_inputs(child: Child, card: ModelCard, file: Path) -> None:
    child.start()
    _load(child, card, file)
    good = _inputs(card)
    for wrong in ((), (*good, good[0]), (good[0][..., None], *good[1:]), (good[0].astype(np.float64), *good[1:])):
        key = _key(Invalid, lambda wrong=wrong: child.infer(card.id, wrong, _PATIENCE_S))  # type: ignore[misc]
        assert key == "model_input", "wrong inputs are the caller's"
    assert child.infer(card.id, good, _PATIENCE_S), "a wrong question does no lasting harm"
    child.close()


def _check_files(child: Child, card: ModelCard, file: Path, other: Path) -> None:
    child.start()
    assert _key(TpuFailed, lambda: _load(child, card, other)) == "tpu_model_refused", "another file is refused"
    assert child.alive, "a refused model does not end the child"
    _load(child, card, file)
    _load(child, card, file)
    assert child.infer(card.id, _inputs(card), _PATIENCE_S), "a model may be loaded again"
    child.close()


def _check_owner(child: Child, card: ModelCard, file: Path) -> None:
    child.start()
    _load(child, card, file)
    with ThreadPoolExecutor(1, thread_name_prefix="stranger") as stranger:
        asked = stranger.submit(lambda: _raises_bug(lambda: child.infer(card.id, _inputs(card), _PATIENCE_S)))
        assert asked.result(), "only the thread that started it may ask"
    assert child.infer(card.id, _inputs(card), _PATIENCE_S), "the owner is not disturbed"
    child.close()


def _check_end(child: Child, card: ModelCard, file: Path) -> None:
    child.start()
    _load(child, card, file)
    with ThreadPoolExecutor(1, thread_name_prefix="killer") as killer:
        killer.submit(child.kill).result()
    _key(TpuLost, lambda: child.infer(card.id, _inputs(card), _PATIENCE_S))
    assert _is_dead(child), "a killed child is lost"
    _key(TpuLost, lambda: _load(child, card, file))
    child.close()


def _specs(card: ModelCard) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    assert card.tpu is not None
    return card.tpu.inputs or card.inputs, card.tpu.outputs or card.outputs


def _is_dead(child: Child) -> bool:
    """Asked anew each time: it is not the same as a moment ago."""
    return not child.alive


def _inputs(card: ModelCard, seed: int = 0) -> tuple[Array, ...]:
    source = np.random.default_rng(seed)
    return tuple((source.random(spec.shape) * 100).astype(spec.dtype) for spec in _specs(card)[0])


def _load(child: Child, card: ModelCard, file: Path) -> float:
    with file.open("rb") as stream:
        return child.load(card, stream.fileno(), _PATIENCE_S)


def _key(kind: type[GatewayError], call: Callable[[], object]) -> str:
    try:
        call()
    except kind as error:
        return error.key
    raise AssertionError(f"no {kind.__name__}")


def _raises_bug(call: Callable[[], object]) -> bool:
    try:
        call()
    except RuntimeError:
        return True
    return False
