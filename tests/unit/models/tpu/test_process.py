"""The accelerator's process while all is well, and what it refuses."""

import os
import socket
import threading
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import Invalid
from gateway.models.tpu.process import TpuChild
from gateway.testing.conformance_backend import inputs_for
from tests.models.tiny import card as tiny_card
from tests.models.tiny import tiny_model
from tests.native import FakeEdgeTpu
from tests.native.children import PATIENCE_S, Start, Twin, failure, gone, load, refusal
from tests.native.compiled import write_twin


def test_it_says_what_it_found_and_answers_in_the_order_of_the_card(
    fake: FakeEdgeTpu, start: Start, twin: Twin
) -> None:
    fake.set(devices=2)
    child = TpuChild(fake.library)
    info = child.start()
    assert (info.version, len(info.devices)) == ("BuildLabel(fake), RuntimeVersion(14)", 2)
    assert 0 < info.took_s < PATIENCE_S
    card, file = twin
    assert load(child, card, file) > 0
    inputs = inputs_for(card)
    scores = np.asarray([[1.0, 2.0, 3.0]], np.float32)
    maps = np.arange(128, dtype=np.float32).reshape(1, 8, 8, 2)
    fake.answer(inputs, [scores, maps])
    answer = child.infer("tiny", inputs, PATIENCE_S)
    np.testing.assert_array_equal(answer[0], scores)
    np.testing.assert_array_equal(answer[1], maps)
    kept = [output.copy() for output in answer]
    other = child.infer("tiny", inputs_for(card, seed=1), PATIENCE_S)
    assert not np.array_equal(other[0], scores)
    np.testing.assert_array_equal(answer[0], kept[0])
    child.close()
    child.close()
    assert not child.alive
    assert gone(child.pid)


def test_a_plain_model_runs_without_a_library_as_it_does_in_this_process(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "tiny.tflite"
    file.write_bytes(tiny_model())
    child = start("")
    load(child, tiny_card(), file)
    image = np.ones((1, 8, 8, 3), np.float32)
    scores, maps = child.infer("tiny", [image], PATIENCE_S)
    assert (scores.shape, maps.shape) == ((1, 3), (1, 8, 8, 2))
    assert float(np.max(np.asarray(maps, np.float32))) > 0


def test_what_was_checked_is_what_runs_also_from_memory(fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    """A decrypted model has no name on the disk."""
    card, file = twin
    child = start(fake.library)
    memory = os.memfd_create("model")
    try:
        os.write(memory, file.read_bytes())
        file.unlink()
        child.load(card, memory, PATIENCE_S)
    finally:
        os.close(memory)
    assert len(child.infer("tiny", inputs_for(card), PATIENCE_S)) == 2


def test_models_come_and_go_and_one_is_loaded_again(fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    card, file = twin
    other = card.model_copy(update={"id": "other"})
    child = start(fake.library)
    for each in (card, other, card):
        load(child, each, file)
    inputs = inputs_for(card)
    first, second = (child.infer(model, inputs, PATIENCE_S) for model in ("tiny", "other"))
    np.testing.assert_array_equal(first[0], second[0])
    child.unload("tiny")
    child.unload("tiny")
    with pytest.raises(RuntimeError, match="before load"):
        child.infer("tiny", inputs, PATIENCE_S)
    assert child.infer("other", inputs, PATIENCE_S)


def test_wrong_inputs_are_refused_and_do_no_harm(fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    card, file = twin
    child = start(fake.library)
    load(child, card, file)
    good = inputs_for(card)
    for wrong in ((), (*good, good[0]), (good[0][:, 1:],), (good[0].astype(np.float64),)):
        with pytest.raises(Invalid) as caught:
            child.infer("tiny", wrong, PATIENCE_S)
        assert caught.value.key == "model_input"
    assert child.infer("tiny", good, PATIENCE_S)


def test_quantised_tensors_are_exchanged_as_they_are(fake: FakeEdgeTpu, start: Start, tmp_path: Path) -> None:
    card, _, file = write_twin(tmp_path, quantised=True)
    child = start(fake.library)
    load(child, card, file)
    image = np.full((1, 8, 8, 3), 7, np.uint8)
    assert [output.dtype.name for output in child.infer("tiny", [image], PATIENCE_S)] == ["uint8", "uint8"]


@pytest.mark.parametrize(
    ("keys", "key"),
    [({"devices": 0}, "tpu_no_device"), ({"openable": 0}, "tpu_no_device")],
)
def test_no_device(keys: dict[str, int], key: str, fake: FakeEdgeTpu, start: Start) -> None:
    fake.set(**keys)
    assert refusal(lambda: start(fake.library)) == key


def test_a_library_that_is_missing_or_another_one_and_a_wrong_option(
    fake: FakeEdgeTpu, start: Start, tmp_path: Path
) -> None:
    text = tmp_path / "text.so"
    text.write_text("no library")
    assert refusal(lambda: start("libedgetpu-none.so.1")) == "tpu_library_missing"
    assert refusal(lambda: start("libm.so.6")) == "tpu_library_wrong"
    assert refusal(lambda: start(str(text))) == "tpu_library_wrong"
    assert refusal(lambda: start(fake.library, {"Colour": "red"})) == "tpu_option"
    assert refusal(lambda: start(fake.library, {"device": "usb:3"})) == "tpu_no_device"
    assert start(fake.library, {"device": "usb:0", "Performance": "Low"}).alive


def test_files_that_are_no_compiled_model_are_refused(
    fake: FakeEdgeTpu, start: Start, twin: Twin, tmp_path: Path
) -> None:
    card, file = twin
    child, plain = start(fake.library), start("")
    damaged = tmp_path / "damaged"
    for content in (b"", b"TFL3", tiny_model(), file.read_bytes()[:200], b"\0" * 1000):
        damaged.write_bytes(content)
        assert failure(lambda: load(child, card, damaged)) == "tpu_model_refused"
    assert failure(lambda: load(plain, card, file)) == "tpu_model_refused"
    assert child.alive


@pytest.mark.parametrize(
    "wrong",
    [
        {"shape": (1, 8, 8, 1)},
        {"shape": (1, -8, 8, 3)},
        {"shape": (1, 1 << 20, 1 << 20, 3)},
        {"dtype": "uint8"},
        {"name": "picture"},
    ],
)
def test_a_card_that_lies_about_its_tensors_is_refused(
    wrong: dict[str, object], fake: FakeEdgeTpu, start: Start, twin: Twin
) -> None:
    card, file = twin
    child = start(fake.library)
    inputs = (card.inputs[0].model_copy(update=wrong),)
    assert failure(lambda: load(child, card.model_copy(update={"inputs": inputs}), file)) == "tpu_model_refused"
    load(child, card, file)


def test_calls_out_of_order_or_from_another_thread_are_bugs(fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    card, file = twin
    with pytest.raises(RuntimeError, match="not started"):
        load(TpuChild(fake.library), card, file)
    child = start(fake.library)
    with pytest.raises(RuntimeError, match="one life"):
        child.start()
    load(child, card, file)
    raised: list[BaseException] = []

    def intrude() -> None:
        try:
            child.infer("tiny", inputs_for(card), PATIENCE_S)
        except RuntimeError as error:
            raised.append(error)

    stranger = threading.Thread(target=intrude, name="stranger")
    stranger.start()
    stranger.join()
    assert "belongs to the thread" in str(raised[0])
    assert child.infer("tiny", inputs_for(card), PATIENCE_S)


def test_it_is_given_nothing_it_does_not_need(fake: FakeEdgeTpu, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DAEMON", "1")
    kept, other = socket.socketpair()
    with kept, other:
        kept.set_inheritable(True)
        child = start(fake.library)
        opened = [str(fd.readlink()) for fd in Path(f"/proc/{child.pid}/fd").iterdir()]
        assert len([name for name in opened if name.startswith("socket:")]) == 1
    assert b"SECRET" not in Path(f"/proc/{child.pid}/environ").read_bytes()
    assert os.getsid(child.pid) == child.pid
    assert Path(f"/proc/{child.pid}/oom_score_adj").read_text() == "500\n"
    assert "Max core file size        0" in Path(f"/proc/{child.pid}/limits").read_text()
