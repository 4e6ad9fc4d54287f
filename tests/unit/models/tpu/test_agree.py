"""How far two twins are apart, and what they are asked."""

import numpy as np
import pytest

from gateway.models.tpu.agree import distance, trial_inputs
from tests.models.tiny import card


def floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.asarray(values, np.float32)


def test_the_same_answer_is_not_apart() -> None:
    assert distance([floats(1, 2, 3)], [floats(1, 2, 3)]) == 0


def test_the_distance_is_in_units_of_the_answers_own_spread() -> None:
    wanted = floats(0, 10, 20, 30)
    assert distance([wanted + 5], [wanted]) == pytest.approx(5 / np.std(wanted))
    assert distance([100 * (wanted + 5)], [100 * wanted]) == pytest.approx(5 / np.std(wanted))


def test_the_worst_output_counts() -> None:
    same, wanted = floats(1, 2, 3), floats(0, 2, 4)
    assert distance([same, wanted + 1], [same, wanted]) == pytest.approx(1 / np.std(wanted))


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_what_is_no_number_is_infinitely_far(broken: float) -> None:
    assert distance([floats(1, broken)], [floats(1, 2)]) == np.inf
    assert distance([floats(1, 2)], [floats(1, broken)]) == np.inf


def test_an_even_answer_is_measured_in_steps() -> None:
    even = np.full(4, 7, np.uint8)
    assert distance([even + np.uint8(1)], [even]) == 1
    assert distance([floats(1, 1) + np.float32(1e-3)], [floats(1, 1)]) > 100


def test_bytes_do_not_wrap() -> None:
    assert distance([np.asarray([0, 0], np.uint8)], [np.asarray([255, 0], np.uint8)]) == pytest.approx(1)


def test_the_question_is_always_the_same_fits_the_card_and_fills_its_range() -> None:
    tiny = card()
    (first,), (again,) = trial_inputs(tiny), trial_inputs(tiny)
    assert np.array_equal(first, again)
    assert (first.shape, first.dtype.name) == (tiny.inputs[0].shape, "float32")
    low, high = tiny.preprocessing.range
    values = np.asarray(first, np.float64)
    darkest, brightest = float(np.min(values)), float(np.max(values))
    assert low <= darkest < low + 0.1 * (high - low)
    assert high - 0.1 * (high - low) < brightest <= high


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
def test_a_quantised_question_fills_its_type(dtype: str) -> None:
    (asked,) = trial_inputs(card(inputs=[{"shape": [1, 64, 64, 3], "dtype": dtype}]))
    limits = np.iinfo(np.dtype(dtype))
    assert asked.dtype.name == dtype
    values = np.asarray(asked, np.int64)
    assert int(np.min(values)) - limits.min < 10
    assert limits.max - int(np.max(values)) < 10
