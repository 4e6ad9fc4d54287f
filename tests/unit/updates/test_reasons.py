"""Whatever the machine underneath can say, a person can read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app.build import updates
from gateway.updates.reasons import CHECKS, REASONS, because
from gateway.web.messages import message_of

REPOSITORY = Path(__file__).resolve().parents[3]
UPDATER = REPOSITORY / "services/updater"
NO_KEYS = {"addr_info", "authorized_keys", "extra_groups", "mosquitto_passwd", "mqtt_accounts"}
"""Words of programs and files, which look like keys."""
SAYING = {"Refused", "Transient", "Invalid", "Trouble", "Failed", "Missed", "Imported", "Reply", "ended"}
_KEY = re.compile(r"[a-z]+(_[a-z]+)*")


def words(source: str) -> Iterator[str]:
    """Everything in it that looks like a key, and whatever else an error is made of."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "_" in node.value:
            yield node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
            named = [word.value for word in node.keywords if word.arg == "key"]
            first = node.args if node.func.id == "ended" else node.args[:1]
            for one in (*first, *named):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.value


def said_by_the_updater() -> set[str]:
    found = {word for file in UPDATER.rglob("*.py") for word in words(file.read_text())}
    return {word for word in found if _KEY.fullmatch(word)} - NO_KEYS


def said_by_the_bundle() -> set[str]:
    check = (REPOSITORY / "image-build/rauc/install-check.sh").read_text()
    return set(re.findall(r'refuse "([a-z_]+): ', check))


def said_by_the_gate() -> set[str]:
    return {word for word in CHECKS if f'"{word}"' in Path(str(updates.__file__)).read_text()}


KEYS = sorted(said_by_the_updater() | said_by_the_bundle() | set(CHECKS))


def test_they_are_found() -> None:
    assert {"interrupted", "busy", "index_silent", "bundle_signature", "fell_back", "no_report", "keys_none"} <= set(
        KEYS
    )
    assert said_by_the_bundle() >= {"wrong_board", "downgrade"}
    assert said_by_the_gate() == set(CHECKS)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_a_sentence(key: str) -> None:
    spelt_out = f"{key.replace('_', ' ').capitalize()}."
    assert message_of(key, {}) != spelt_out


@pytest.mark.parametrize("key", sorted(REASONS))
def test_no_reason_is_left_over(key: str) -> None:
    assert key in KEYS


def test_details_that_are_keys_are_read_as_such() -> None:
    assert because("models", "page_silent, made at 3:00") == (
        "a model does not give its known answers (the page did not answer, made at 3:00)"
    )
    assert because("wrong_board", "board hearthgate-rpi") == "it is for another kind of machine (board hearthgate-rpi)"
    assert because("never_heard_of") == "never heard of"
