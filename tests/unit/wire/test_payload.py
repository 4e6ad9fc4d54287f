import pytest

from gateway.errors import Invalid
from gateway.wire.payload import MOST_BYTES, boolean_of, field_of, measure_of, text_of


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (b"\xff\xfe21", "payload_not_utf8"),
        (b"1" * (MOST_BYTES + 1), "payload_too_large"),
        (b"", "payload_empty"),
        (b" \n", "payload_empty"),
    ],
)
def test_bytes_that_are_no_text(payload: bytes, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        text_of(payload)
    assert caught.value.key == key


def test_text_is_stripped() -> None:
    assert text_of(" 21 °C\n".encode()) == "21 °C"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("21.5", "path_missing"),
        ("{", "payload_not_json"),
        ("[" * 60_000, "payload_too_deep"),
        ("1" * 6000, "payload_not_json"),
        ('{"a": {"c": 1}}', "path_missing"),
        ('{"a": {"b": null}}', "wrong_type"),
        ('{"a": {"b": [1]}}', "wrong_type"),
    ],
)
def test_json_without_the_wanted_scalar(text: str, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        field_of(text, "a.b")
    assert caught.value.key == key


def test_a_dotted_path_reaches_a_nested_scalar() -> None:
    assert field_of('{"AM2301": {"Temperature": 21.5}}', "AM2301.Temperature") == 21.5


@pytest.mark.parametrize(
    ("value", "measured"),
    [
        (3, (3.0, "")),
        ("21.5", (21.5, "")),
        ("-.5e1 °C", (-5.0, "°C")),
        ("40%", (40.0, "%")),
        ("7. W", (7.0, "W")),
    ],
)
def test_numbers_with_and_without_unit(value: object, measured: tuple[float, str]) -> None:
    assert measure_of(value) == measured


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (True, "wrong_type"),
        ({}, "wrong_type"),
        (float("nan"), "not_finite"),
        ("NaN", "not_finite"),
        ("-inf", "not_finite"),
        ("1e999", "not_finite"),
        (10**400, "not_finite"),
        ("21,5", "not_a_number"),
        ("1_000", "not_a_number"),
        ("٣", "not_a_number"),
        ("unavailable", "not_a_number"),
    ],
)
def test_what_is_no_finite_number(value: object, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        measure_of(value)
    assert caught.value.key == key


@pytest.mark.parametrize(("word", "said"), [("ON", True), ("open", True), ("1", True), (True, True), (0, False)])
def test_usual_words_for_yes_and_no(word: object, said: bool) -> None:
    assert boolean_of(word) is said


def test_own_words_replace_the_usual_ones() -> None:
    assert boolean_of("Alarm", "alarm", "quiet") is True
    with pytest.raises(Invalid):
        boolean_of("ON", "alarm", "quiet")
