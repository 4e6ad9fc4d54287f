"""What every `seams.Backend` must do: call `check_backend` with a factory and a model that fits its card."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.errors import GatewayError, Invalid, Refused
from gateway.seams import Backend
from gateway.wire.model_card import ModelCard

Make = Callable[[], Backend]
Array = npt.NDArray[np.generic]


def check_backend(make: Make, card: ModelCard, file: Path, folder: Path) -> None:
    """Raises AssertionError naming the promise that is broken. `folder` is empty and may be written to."""
    _check_answers(make(), card, file)
    _check_inputs(make(), card, file)
    _check_order(make(), card, file)
    _check_files(make, card, file, folder)
    _check_owner(make, card, file)


def inputs_for(card: ModelCard, seed: int = 0) -> tuple[Array, ...]:
    """Random inputs of the card's shapes and types."""
    source = np.random.default_rng(seed)
    return tuple((source.random(spec.shape) * 100).astype(spec.dtype) for spec in card.inputs)


def _check_answers(backend: Backend, card: ModelCard, file: Path) -> None:
    backend.load(card, file)
    first = backend.infer(inputs_for(card))
    kept = [output.copy() for output in first]
    found = [(output.shape, output.dtype.name) for output in first]
    assert found == [(spec.shape, spec.dtype) for spec in card.outputs], "outputs follow the card, in its order"
    backend.infer(inputs_for(card, seed=1))
    assert all(map(np.array_equal, first, kept)), "an answer does not change with the next one"
    again = backend.infer(inputs_for(card))
    assert all(map(np.array_equal, again, kept)), "the same question gets the same answer"
    backend.close()


def _check_inputs(backend: Backend, card: ModelCard, file: Path) -> None:
    backend.load(card, file)
    good = inputs_for(card)
    wrong = [
        (),
        (*good, good[0]),
        (good[0][..., None], *good[1:]),
        (good[0].astype(np.float64), *good[1:]),
    ]
    for inputs in wrong:
        assert _key(Invalid, partial(backend.infer, inputs)) == "model_input"
    assert backend.infer(good), "a wrong question does no lasting harm"
    backend.close()


def _check_order(backend: Backend, card: ModelCard, file: Path) -> None:
    good = inputs_for(card)
    assert _raises_bug(lambda: backend.infer(good)), "infer before load is a bug of the caller"
    backend.load(card, file)
    backend.close()
    backend.close()
    assert _raises_bug(lambda: backend.infer(good)), "infer after close is a bug of the caller"
    backend.load(card, file)
    assert backend.infer(good), "a closed backend can be loaded again"
    backend.close()


def _check_files(make: Make, card: ModelCard, file: Path, folder: Path) -> None:
    data = file.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    damaged = {"empty": b"", "truncated": data[: len(data) // 2], "longer": data + b"\0", "flipped": bytes(flipped)}
    for name, content in damaged.items():
        (folder / name).write_bytes(content)
        assert _key(Refused, partial(make().load, card, folder / name)) == "model_hash", name
    assert _key(Refused, lambda: make().load(card, folder / "none")) == "model_missing"
    other = card.model_copy(update={"sha256": "0" * 64})
    assert _key(Refused, lambda: make().load(other, file)) == "model_hash"


def _check_owner(make: Make, card: ModelCard, file: Path) -> None:
    backend = make()
    with ThreadPoolExecutor(1, thread_name_prefix="backend-owner") as owner:
        owner.submit(backend.load, card, file).result()
        assert _raises_bug(lambda: backend.infer(inputs_for(card))), "only the owner may infer"
        assert _raises_bug(backend.close), "only the owner may close"
        assert owner.submit(backend.infer, inputs_for(card)).result(), "the owner is not disturbed"
        owner.submit(backend.close).result()


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
