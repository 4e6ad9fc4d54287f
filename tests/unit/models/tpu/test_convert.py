"""Values between a float twin and a quantised one."""

import numpy as np
import pytest

from gateway.errors import Invalid
from gateway.models.tpu.convert import convert, convert_all
from gateway.wire.model_card import TensorSpec

FLOAT = TensorSpec(shape=(4,), dtype="float32")
UINT8 = TensorSpec(shape=(4,), dtype="uint8", scale=0.5, zero_point=10)
INT8 = TensorSpec(shape=(4,), dtype="int8", scale=0.25, zero_point=-3)
BYTES = TensorSpec(shape=(4,), dtype="uint8")


def test_there_and_back() -> None:
    real = np.asarray([-5.0, 0.0, 0.5, 122.5], np.float32)
    stored = convert(real, FLOAT, UINT8)
    assert (stored.dtype.name, stored.tolist()) == ("uint8", [0, 10, 11, 255])
    back = convert(stored, UINT8, FLOAT)
    assert (back.dtype.name, back.tolist()) == ("float32", real.tolist())


def test_what_is_out_of_range_goes_to_its_end() -> None:
    assert convert(np.asarray([-1e9, np.inf, -np.inf, 1e9], np.float32), FLOAT, INT8).tolist() == [-128, 127, -128, 127]


def test_one_quantisation_to_another() -> None:
    assert convert(np.asarray([10, 12, 8, 255], np.uint8), UINT8, INT8).tolist() == [-3, 1, -7, 127]


def test_without_a_scale_the_numbers_themselves_are_stored() -> None:
    assert convert(np.asarray([0, 7.4, 7.6, 255], np.float32), FLOAT, BYTES).tolist() == [0, 7, 8, 255]
    assert convert(np.asarray([0, 7, 8, 255], np.uint8), BYTES, FLOAT).tolist() == [0, 7, 8, 255]


def test_the_same_types_cost_nothing() -> None:
    values = np.zeros(4, np.uint8)
    assert convert(values, UINT8, UINT8.model_copy(update={"name": "other"})) is values


def test_what_cannot_be_stored_is_refused() -> None:
    with pytest.raises(Invalid, match="not a number"):
        convert(np.asarray([np.nan, 1], np.float32), FLOAT, UINT8)
    with pytest.raises(Invalid, match="int32"):
        convert(np.zeros(4, np.float32), FLOAT, TensorSpec(shape=(4,), dtype="int32"))


def test_all_at_once_needs_as_many_specs() -> None:
    values = np.zeros(4, np.float32)
    assert [each.dtype.name for each in convert_all([values, values], [FLOAT, FLOAT], [UINT8, FLOAT])] == [
        "uint8",
        "float32",
    ]
    with pytest.raises(ValueError, match="zip"):
        convert_all([values], [FLOAT, FLOAT], [UINT8, FLOAT])
