"""Models in one running daemon: a real broker, a drawn garden, a libedgetpu of our own, a publisher with a real key."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from .corridor import Gateway, Listener, wait_for
from .models_home import METRICS_TOKEN, MODEL, SEAL_KEY, ModelsHome, Owner, flipped, scraped, unsigned
from .mosquitto import PASSWORD, Mosquitto

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

HEALTH = "hearthgate/test/health/"
PATIENCE_S = 60.0
TAKEN_IN = ["candidate", "shadow", "canary", "promoted", "kept"]


@pytest.fixture
def home(tmp_path: Path, broker: Mosquitto) -> ModelsHome:
    return ModelsHome(tmp_path, broker)


def told(listener: Listener, part: str) -> Mapping[str, Any]:
    """What was last published of a part."""
    topic = f"{HEALTH}{part} "
    states = [line.removeprefix(topic) for line in listener.lines if line.startswith(topic)]
    found: Mapping[str, Any] = json.loads(states[-1]) if states else {}
    return found


def turns(listener: Listener, part: str, key: str, *, why: str = "") -> Mapping[str, Any]:
    """Wait until the part is published as `key`, with `why` in its detail."""

    def there() -> bool:
        state = told(listener, part)
        return state.get("key") == key and why in state["detail"]

    wait_for(there, f"{part} is {key}: {why}", PATIENCE_S)
    return told(listener, part)


def installed(home: ModelsHome, bundle: Path) -> None:
    status, said = home.hearthgate("install", str(bundle))
    assert status == 0, said


def decisions(owner: Owner) -> list[tuple[str, str]]:
    """Label and detail, oldest first."""
    return [(one["label"], one["detail"]) for one in reversed(owner.events("model.decided"))]


def kept(owner: Owner, times: int = 1) -> None:
    """Wait until roll-outs have gone all the way, so many since the home began."""
    wait_for(
        lambda: [label for label, _ in decisions(owner)].count("kept") == times,
        f"a version is kept, {times}",
        PATIENCE_S,
    )


def serves(owner: Owner, version: str, backend: str) -> None:
    """Wait until it alone answers, on that."""
    wanted = [{"id": MODEL, "version": version, "phase": "serving", "backend": backend}]

    def there() -> bool:
        found = owner.get("models")["models"]
        return [{key: one[key] for key in wanted[0]} for one in found] == wanted

    wait_for(there, f"{version} serves on {backend}", PATIENCE_S)


def answers(gateway: Gateway, backend: str) -> float:
    """How many the second version gave, run by that backend."""
    return scraped(gateway).get(("hearthgate_inference_seconds_count", backend, f"{MODEL}@1.2"), 0.0)


def goes_on(count: Callable[[], float], what: str) -> None:
    before = count()
    wait_for(lambda: count() > before, f"more {what}", PATIENCE_S)


def test_a_version_goes_all_the_way_and_the_accelerator_comes_and_goes(
    home: ModelsHome, broker: Mosquitto, listener: Listener
) -> None:
    bundle = home.publisher.bundle("two", home.publisher.release(2))
    with home.gateway() as gateway:
        owner = Owner(gateway, claims=True)
        serves(owner, "1", "cpu")
        installed(home, bundle)
        kept(owner)
        assert [label for label, _ in decisions(owner)] == TAKEN_IN
        assert_numbers(dict(decisions(owner)))
        turns(listener, "accelerator", "tpu")
        serves(owner, "1.2", "tpu")
        assert_retained(broker)
        goes_on(lambda: answers(gateway, "tpu"), "answers of the accelerator")
        metrics = scraped(gateway)
        assert metrics["hearthgate_accelerator", "tpu"] == 1
        assert metrics["hearthgate_state", "serving", "ok", f"model/{MODEL}"] == 1
        broken_and_mended(home, gateway, listener)
        unplugged_and_plugged_in(home, gateway, listener, owner)
        serves(owner, "1.2", "tpu")
        assert scraped(gateway)["hearthgate_inference_errors_total", "cpu", f"{MODEL}@1.2"] == 0
        assert [label for label, _ in decisions(owner)] == TAKEN_IN, "that is no fault of the version"
        assert gateway.stop() == 0


def assert_numbers(detail: Mapping[str, str]) -> None:
    assert re.search(r"golden answers asked: [1-9]", detail["shadow"])
    assert re.search(r"[1-9]\d of 20 compared; 0 of \d+ failed .* p95 \d+\.\d+ ms is", detail["canary"])
    assert re.search(r"[1-9]\d of 20 served", detail["promoted"])


def assert_retained(broker: Mosquitto) -> None:
    """Somebody who comes late is told too."""
    late = Listener(broker)
    try:
        assert "version 1.2" in turns(late, f"model/{MODEL}", "serving")["detail"]
        turns(late, "accelerator", "tpu")
    finally:
        late.stop()


def broken_and_mended(home: ModelsHome, gateway: Gateway, listener: Listener) -> None:
    """What the library does to its process; the processor answers meanwhile."""
    for fault, key in ({"crash": 1}, "tpu_crashed"), ({"hang": 1}, "tpu_hung"):
        before = answers(gateway, "cpu")
        home.fake.set(**fault)
        turns(listener, "accelerator", "cpu", why=key)
        home.fake.set()
        turns(listener, "accelerator", "tpu")
        assert answers(gateway, "cpu") > before, "also the very question that was lost"
        goes_on(lambda: answers(gateway, "tpu"), "answers of the accelerator")


def unplugged_and_plugged_in(home: ModelsHome, gateway: Gateway, listener: Listener, owner: Owner) -> None:
    home.fake.set(devices=0)
    home.pull_out()
    turns(listener, "accelerator", "cpu", why="no Edge TPU is plugged in")
    serves(owner, "1.2", "cpu")
    goes_on(lambda: answers(gateway, "cpu"), "answers of the processor")
    newest = owner.events("motion.began")[0]["id"]
    wait_for(lambda: owner.events("motion.began")[0]["id"] > newest, "motion is seen without it", PATIENCE_S)
    home.fake.set()
    home.plug_in()
    turns(listener, "accelerator", "tpu")
    goes_on(lambda: answers(gateway, "tpu"), "answers of the accelerator")


def test_a_version_that_rots_on_the_disk_is_replaced_told_and_can_come_again(
    home: ModelsHome, listener: Listener
) -> None:
    release = home.publisher.release(2)
    bundle = home.publisher.bundle("two", release)
    with home.gateway() as gateway:
        owner = Owner(gateway, claims=True)
        installed(home, bundle)
        kept(owner)
        gateway.kill()
    flipped(home.object(release.main))
    with home.gateway() as gateway:
        owner = Owner(gateway, claims=False)
        assert turns(listener, f"models/{MODEL}", "model_hash")["detail"].endswith("now: packaged")
        turns(listener, f"model/{MODEL}", "overtaken")
        serves(owner, "1", "cpu")
        assert home.slots()["active"] is None
        installed(home, bundle)
        kept(owner, times=2)
        turns(listener, f"models/{MODEL}", "sound")
        turns(listener, f"model/{MODEL}", "serving")
        serves(owner, "1.2", "tpu")
        assert [label for label, _ in decisions(owner)] == [*TAKEN_IN, "overtaken", *TAKEN_IN]
        assert gateway.stop() == 0


def test_bundles_that_must_not_come_in_are_refused_by_name_and_change_nothing(home: ModelsHome) -> None:
    publisher, stranger = home.publisher, "stranger"
    installed(home, publisher.bundle("two", publisher.release(2)))
    with home.gateway() as gateway:
        owner = Owner(gateway, claims=True)
        kept(owner)
        before, release = home.slots(), publisher.release(3)
        publisher.keygen(stranger)
        sound = publisher.bundle("three", release)
        bad = {
            "manifest_unsigned": unsigned(sound),
            "manifest_key_unknown": publisher.bundle("by a stranger", release, key=stranger),
            "model_other_board": publisher.bundle("for another", release, "--board", "Raspberry Pi 9"),
            "bundle_invalid": flipped(sound),
        }
        for key, bundle in bad.items():
            status, said = home.hearthgate("install", str(bundle))
            assert (status, key in said) == (1, True), said
        assert home.slots() == before
        serves(owner, "1.2", "tpu")
        assert [label for label, _ in decisions(owner)] == TAKEN_IN
        assert gateway.stop() == 0


def test_secrets_stay_where_they_are_and_a_sealed_model_serves(
    tmp_path: Path, broker: Mosquitto, listener: Listener
) -> None:
    home = ModelsHome(tmp_path, broker, sealed=True)
    release = home.publisher.release(2)
    bundle = home.publisher.bundle("two", release)
    assert b"TFL3" in bundle.read_bytes(), "what is looked for is there before it is sealed"
    with home.gateway() as gateway:
        owner = Owner(gateway, claims=True)
        installed(home, bundle)
        kept(owner)
        serves(owner, "1.2", "tpu")
        goes_on(lambda: answers(gateway, "tpu"), "answers of the accelerator")
        shown = json.dumps([owner.get(path) for path in ("models", "states", "events", "doctor")])
        metrics = str(scraped(gateway))
        assert home.hearthgate("show", MODEL)[0] == 0
        assert gateway.stop() == 0
    written = home.written()
    assert {f"models/objects/{file.sha256}.sealed" for file in release.files()} <= written.keys()
    said = "\n".join([gateway.output, *home.said, *home.publisher.said, *listener.lines, shown, metrics]).encode()
    for secret in (home.publisher.private, METRICS_TOKEN, SEAL_KEY, PASSWORD):
        assert secret.encode() not in said
        assert [file for file, data in written.items() if secret.encode() in data] == []
    assert [file for file, data in written.items() if b"TFL3" in data] == [], "decrypted to memory only"
