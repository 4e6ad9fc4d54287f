"""Golden vectors: what a model must answer, in a file that nobody vouches for."""

import io
import random
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gateway.errors import Refused
from gateway.models import npz, vectors
from gateway.testing.backend import Answer, FakeBackend
from gateway.wire.model_card import ModelCard
from tests.models.tiny import card

Floats = npt.NDArray[np.float32]
QUESTIONS = [(np.full((1, 4), value, np.float32),) for value in (1.0, 2.0, 3.0)]


def scorer(decoder: str = "softmax", dtype: str = "float32") -> ModelCard:
    """`[1, 4]` float -> `[1, 3]` of `dtype`."""
    return card(
        decoder=decoder,
        inputs=[{"shape": [1, 4], "dtype": "float32"}],
        outputs=[{"shape": [1, 3], "dtype": dtype}],
    )


def answering(told: ModelCard, *offset: float) -> FakeBackend:
    """Answers with the sum of the question times (10, 20, 30), plus `offset`."""
    dtype = told.outputs[0].dtype

    def answer(inputs: Any) -> tuple[npt.NDArray[np.generic], ...]:
        value = np.sum(inputs[0]) * np.asarray([[10, 20, 30]]) / 10 + np.asarray(offset or (0.0,))
        return (np.asarray(value, dtype),)

    return loaded(told, answer)


def loaded(told: ModelCard, answer: Answer) -> FakeBackend:
    backend = FakeBackend(answer, check_file=False)
    backend.load(told, None)  # type: ignore[arg-type]  # a card without a file
    return backend


def check(told: ModelCard, *offset: float) -> vectors.VectorReport:
    data = vectors.make(answering(told), told, QUESTIONS)
    return vectors.check(answering(told, *offset), told, data)


def refused(data: bytes, told: ModelCard | None = None) -> str:
    with pytest.raises(Refused) as caught:
        vectors.read(told or scorer(), data)
    assert caught.value.key == "vectors_invalid"
    return str(caught.value.facts["cause"])


def packed(arrays: dict[str, npt.NDArray[Any]], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as package:
        for name, array in arrays.items():
            with package.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array)
    return file.getvalue()


def test_the_model_that_made_them_keeps_them() -> None:
    report = check(scorer())
    assert (report.cases, report.worst_abs, report.holds) == (3, 0.0, True)
    assert report.cosine == pytest.approx(1.0)


def test_equal_answers_give_equal_bytes_that_numpy_reads() -> None:
    told = scorer()
    first, again = (vectors.make(answering(told), told, QUESTIONS) for _ in range(2))
    assert first == again
    with np.load(io.BytesIO(first), allow_pickle=False) as found:
        assert found["in0"].shape == (3, 1, 4)
        assert found["out0"][2].tolist() == [[12.0, 24.0, 36.0]]


def test_what_numpy_saves_is_read() -> None:
    file = io.BytesIO()
    np.savez(file, in0=np.ones((2, 1, 4), np.float32), out0=np.zeros((2, 1, 3), np.float32))
    cases = vectors.read(scorer(), file.getvalue())
    assert [case.inputs[0].tolist() for case in cases] == [[[1.0] * 4]] * 2
    assert cases[0].outputs[0].shape == (1, 3)


@pytest.mark.parametrize(("off", "holds"), [(0.001, True), (0.1, False)])
def test_floats_hold_by_their_difference(off: float, holds: bool) -> None:
    report = check(scorer(), 0.0, off, 0.0)
    assert report.holds is holds
    assert report.worst_abs == pytest.approx(off, rel=0.01)


@pytest.mark.parametrize(("off", "holds"), [(vectors.MOST_LSB, True), (vectors.MOST_LSB + 1, False)])
@pytest.mark.parametrize("dtype", ["uint8", "int8"])
def test_quantised_outputs_hold_by_steps(dtype: str, off: int, holds: bool) -> None:
    report = check(scorer(dtype=dtype), 0.0, 0.0, float(off))
    assert (report.holds, report.worst_abs) == (holds, off)


def test_integers_hold_exactly() -> None:
    assert check(scorer(dtype="int32")).holds
    assert not check(scorer(dtype="int32"), 1.0, 0.0, 0.0).holds


def test_embeddings_hold_by_their_direction() -> None:
    told = scorer("embedding")
    data = vectors.make(answering(told), told, QUESTIONS)
    longer = loaded(told, lambda inputs: (np.asarray(inputs[0])[:, :1] * np.asarray([[2, 4, 6]], np.float32),))
    assert vectors.check(longer, told, data).holds
    report = check(told, 1.0, 0.0, 0.0)
    assert not report.holds
    assert 0.9 < report.cosine < vectors.LEAST_COSINE


@pytest.mark.parametrize("decoder", ["embedding", "softmax"])
def test_an_answer_without_a_number_does_not_hold(decoder: str) -> None:
    report = check(scorer(decoder), float("nan"), 0.0, 0.0)
    assert (report.holds, report.worst_abs, report.cosine) == (False, float("inf"), -1.0)


@pytest.mark.parametrize(
    ("told", "arrays"),
    [
        ("not the tensors", {"in0": np.ones((1, 1, 4), np.float32)}),
        ("not the tensors", {n: np.ones((1, 1, 4), np.float32) for n in ("in0", "out0", "more")}),
        ("an array of", {"in0": np.ones((1, 4), np.float32), "out0": np.ones((1, 1, 3), np.float32)}),
        ("an array of", {"in0": np.ones((1, 1, 4), np.float64), "out0": np.ones((1, 1, 3), np.float32)}),
        ("an array of", {"in0": np.ones((0, 1, 4), np.float32), "out0": np.ones((0, 1, 3), np.float32)}),
        ("numbers of cases", {"in0": np.ones((1, 1, 4), np.float32), "out0": np.ones((2, 1, 3), np.float32)}),
        ("not a number", {"in0": np.ones((1, 1, 4), np.float32), "out0": np.full((1, 1, 3), np.nan, np.float32)}),
        ("a kind that", {"in0": np.asfortranarray(np.ones((2, 1, 4), np.float32)), "out0": np.ones((2, 1, 3), "f4")}),
    ],
)
def test_what_does_not_fit_the_card_is_refused(told: str, arrays: dict[str, Floats]) -> None:
    assert told in refused(packed(arrays))


def test_a_pickle_is_never_opened() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name in ("in0", "out0"):
            with package.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, np.asarray([object], object), allow_pickle=True)
    assert "a kind that" in refused(file.getvalue())


def test_a_bomb_is_refused_before_it_grows() -> None:
    zeros = {"in0": np.zeros((10000, 1, 4), np.float32), "out0": np.zeros((10000, 1, 3), np.float32)}
    assert refused(packed(zeros, zipfile.ZIP_DEFLATED)) == "deflated"


def test_a_header_that_promises_more_than_there_is_is_refused() -> None:
    honest = packed({"in0": np.ones((1, 1, 4), np.float32), "out0": np.ones((1, 1, 3), np.float32)})
    with zipfile.ZipFile(io.BytesIO(honest)) as package:
        member = package.read("in0.npy")
    lying = member.replace(b"(1, 1, 4)", b"(9999999999, 1, 4)").replace(b" " * 9 + b"\n", b"\n")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("in0.npy", lying)
        package.writestr("out0.npy", member)
    assert "another length" in refused(file.getvalue())


def test_a_huge_file_is_refused_unread() -> None:
    assert "larger" in refused(bytes(npz.MOST_BYTES + 1))


def test_damage_is_refused_and_never_anything_else() -> None:
    told = scorer()
    whole = vectors.make(answering(told), told, QUESTIONS)
    source = random.Random(11)
    refusals = 0
    for round_ in range(3000):
        data = bytearray(whole[: source.randrange(len(whole))] if round_ % 4 == 0 else whole)
        for _ in range(1 + round_ % 3):
            if data:
                data[source.randrange(len(data))] = source.randrange(256)
        try:
            vectors.read(told, bytes(data))
        except Refused:
            refusals += 1
    assert 1000 < refusals < 3000
