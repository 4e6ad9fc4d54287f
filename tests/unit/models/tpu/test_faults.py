"""Every way the accelerator's process dies or fails; the daemon is never harmed."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import GatewayError
from gateway.models.tpu.errors import TpuFailed, TpuLost
from gateway.models.tpu.process import TpuChild
from gateway.testing.conformance_backend import inputs_for
from gateway.wire.model_card import TensorSpec, TpuVariant
from tests.models.tiny import card as tiny_card
from tests.models.tiny import shared
from tests.native import FakeEdgeTpu, build_library
from tests.native.children import PATIENCE_S, Start, Twin, failure, gone, load, soon
from tests.native.compiled import write_twin


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"crash": 1}, "tpu_crashed (signal=SIGSEGV"),
        ({"abort": 1}, "tpu_aborted (signal=SIGABRT"),
        ({"crash_after": 2}, "tpu_crashed (signal=SIGSEGV"),
        ({"hang": 1}, "tpu_hung (after_s=0.3"),
    ],
)
def test_a_death_in_an_inference(keys: dict[str, int], told: str, fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    card, file = twin
    child = start(fake.library)
    load(child, card, file)
    child.infer("tiny", inputs_for(card), PATIENCE_S)
    fake.set(**keys)
    with pytest.raises(TpuLost) as caught:
        child.infer("tiny", inputs_for(card), 0.3 if "hang" in keys else PATIENCE_S)
    assert str(caught.value).startswith(told)
    assert not child.alive
    assert gone(child.pid)
    with pytest.raises(TpuLost):
        child.infer("tiny", inputs_for(card), PATIENCE_S)


@pytest.mark.parametrize("place", ["list", "create"])
@pytest.mark.parametrize(("fault", "key"), [("crash", "tpu_crashed"), ("abort", "tpu_aborted"), ("hang", "tpu_hung")])
def test_a_death_while_the_library_is_opened(place: str, fault: str, key: str, fake: FakeEdgeTpu) -> None:
    fake.set(at=place, **{fault: 1})
    child = TpuChild(fake.library, start_timeout_s=2.0 if fault == "hang" else PATIENCE_S)
    with pytest.raises(TpuLost) as caught:
        child.start()
    assert caught.value.key == key
    assert gone(child.pid)
    child.close()


@pytest.mark.parametrize(("fault", "key"), [("crash", "tpu_crashed"), ("hang", "tpu_hung")])
def test_a_death_while_a_model_is_prepared(fault: str, key: str, fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    child = start(fake.library)
    fake.set(at="prepare", **{fault: 1})
    with pytest.raises(TpuLost) as caught:
        load(child, *twin, timeout_s=0.5 if fault == "hang" else PATIENCE_S)
    assert caught.value.key == key
    assert gone(child.pid)


def test_failures_that_the_child_survives(fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    card, file = twin
    child = start(fake.library)
    fake.set(fail_prepare=1)
    assert failure(lambda: load(child, card, file)) == "tpu_prepare_failed"
    fake.set()
    load(child, card, file)
    for keys in ({"fail_invoke": 1}, {"devices": 0}):
        fake.set(**keys)
        assert failure(lambda: child.infer("tiny", inputs_for(card), PATIENCE_S)) == "tpu_invoke_failed"
    fake.set(delay_us=2000)
    assert child.infer("tiny", inputs_for(card), PATIENCE_S)
    assert child.alive


def test_killed_from_outside_in_the_middle_of_a_request(fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    card, file = twin
    child = start(fake.library)
    load(child, card, file)
    fake.set(hang=1)

    def kill() -> None:
        soon(lambda: fake.hangs)
        child.kill()

    killer = threading.Thread(target=kill, name="killer")
    killer.start()
    with pytest.raises(TpuLost) as caught:
        child.infer("tiny", inputs_for(card), PATIENCE_S)
    killer.join()
    assert (caught.value.key, caught.value.facts["signal"]) == ("tpu_crashed", "SIGKILL")


def test_a_stopped_child_is_one_that_hangs(fake: FakeEdgeTpu, start: Start, twin: Twin) -> None:
    card, file = twin
    child = start(fake.library)
    load(child, card, file)
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(TpuLost, match="tpu_hung"):
        child.infer("tiny", inputs_for(card), 0.2)
    assert gone(child.pid)


_DAEMON = """
import sys, time
from pathlib import Path
from gateway.models.tpu.process import TpuChild
from gateway.wire.model_card import ModelCard
import numpy as np
card = ModelCard.model_validate_json(Path(sys.argv[2]).read_bytes())
child = TpuChild(sys.argv[1])
child.start()
with open(sys.argv[3], "rb") as stream:
    child.load(card, stream.fileno(), 10)
print(child.pid, flush=True)
child.infer("tiny", [np.zeros((1, 8, 8, 3), np.float32)], 1000)
"""


def test_the_child_dies_with_the_daemon_even_in_a_hang(fake: FakeEdgeTpu, twin: Twin, tmp_path: Path) -> None:
    card, file = twin
    (tmp_path / "card.json").write_text(card.model_dump_json())
    fake.set(hang=1)
    arguments = [fake.library, str(tmp_path / "card.json"), str(file)]
    with subprocess.Popen([sys.executable, "-c", _DAEMON, *arguments], stdout=subprocess.PIPE) as daemon:
        assert daemon.stdout is not None
        pid = int(daemon.stdout.readline())
        assert soon(lambda: fake.hangs)
        assert not gone(pid, patience_s=0.0)
        daemon.kill()
    assert gone(pid)


def test_what_it_prints_reaches_the_log_and_tells_why_it_died(
    fake: FakeEdgeTpu, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """A runtime that corrupts its heap says so before it aborts."""
    caplog.set_level("INFO")
    noisy = tmp_path / "noisy.so"
    source = tmp_path / "noisy.c"
    source.write_text(
        "#include <stdio.h>\n#include <stdlib.h>\n"
        'const char* edgetpu_version(void) { return ""; }\n'
        "void edgetpu_free_devices(void* d) { (void)d; }\nvoid* tflite_plugin_create_delegate(void) { return 0; }\n"
        "void* edgetpu_list_devices(size_t* n) { (void)n;\n"
        'for (int i = 0; i < 5000; i++) fprintf(stderr, "line %d\\n", i);\n'
        'fprintf(stderr, "malloc(): unaligned chunk\\n"); abort(); }\n'
    )
    build_library(source, noisy)
    child = TpuChild(str(noisy))
    with pytest.raises(TpuLost) as caught:
        child.start()
    assert (caught.value.key, caught.value.facts["said"]) == ("tpu_aborted", "malloc(): unaligned chunk")
    lines = [record for record in caplog.records if record.name == "gateway.models.tpu.murmur"]
    assert len(lines) == 101
    assert "4901 more lines" in lines[-1].getMessage()


def test_no_descriptor_and_no_memory_is_left_behind_by_children_that_die(fake: FakeEdgeTpu, twin: Twin) -> None:
    card, file = twin

    def held() -> tuple[int, int]:
        maps = Path("/proc/self/maps").read_text()
        return len(list(Path("/proc/self/fd").iterdir())), maps.count("hearthgate-tensors")

    before = held()
    for key in ("crash", "abort", "fail_prepare"):
        fake.set()
        child = TpuChild(fake.library)
        child.start()
        fake.set(**{key: 1})
        with pytest.raises(GatewayError):
            load(child, card, file)
            child.infer("tiny", inputs_for(card), PATIENCE_S)
        child.close()
    assert held() == before


def test_mutated_models_never_reach_the_daemon(fake: FakeEdgeTpu, start: Start, twin: Twin, tmp_path: Path) -> None:
    """Whatever a file does to the runtime, it does to the child: that refuses it, runs it or dies."""
    card, file = twin
    source, data = random.Random(5), file.read_bytes()
    child = start(fake.library)
    for number in range(300):
        mutated = bytearray(data)
        for _ in range(source.randint(1, 8)):
            mutated[source.randrange(len(mutated))] = source.randrange(256)
        other = tmp_path / f"mutated-{number}"
        other.write_bytes(mutated[: source.choice((len(data), len(data), source.randrange(len(data))))])
        try:
            load(child, card, other)
            child.infer("tiny", inputs_for(card), PATIENCE_S)
        except TpuFailed:
            assert child.alive
        except TpuLost:
            child = start(fake.library)


def test_a_library_of_the_old_layout_harms_only_the_child(tmp_path: Path, twin: Twin) -> None:
    card, file = twin
    child = TpuChild(FakeEdgeTpu(tmp_path, old_abi=True).library)
    child.start()
    with pytest.raises(GatewayError) as caught:
        load(child, card, file)
        child.infer("tiny", inputs_for(card), PATIENCE_S)
    assert isinstance(caught.value, TpuLost | TpuFailed)
    child.close()
    assert gone(child.pid)


def _spec(dtype: str, *shape: int) -> TensorSpec:
    return TensorSpec.model_validate({"dtype": dtype, "shape": shape})


COMPILED = {
    "mobilenet_v1_0.25_128_quant_edgetpu.tflite": (_spec("uint8", 1, 128, 128, 3), (_spec("uint8", 1, 1001),)),
    "movenet_single_pose_lightning_ptq_edgetpu.tflite": (
        _spec("uint8", 1, 192, 192, 3), (_spec("float32", 1, 1, 17, 3),)
    ),
    "face-detector-quantized_edgetpu.tflite": (
        _spec("uint8", 1, 128, 128, 3), (_spec("float32", 1, 896, 16), _spec("float32", 1, 896, 1))
    ),
}  # fmt: skip


@pytest.mark.shared
def test_a_real_model_with_an_operator_nobody_knows(start: Start) -> None:
    child = start("")
    card = tiny_card(inputs=(_spec("uint8", 1, 3),), outputs=(_spec("float32", 1),))
    file = shared("models/model_invoking_error.tflite")
    assert failure(lambda: load(child, card, file)) == "tpu_prepare_failed"
    assert child.alive


@pytest.mark.shared
@pytest.mark.parametrize("old_abi", [False, True])
@pytest.mark.parametrize("name", COMPILED)
def test_real_compiled_models(name: str, old_abi: bool, tmp_path: Path) -> None:
    file = shared(f"models/{name}")
    image, outputs = COMPILED[name]
    plain, _, _ = write_twin(tmp_path)
    assert plain.tpu is not None
    tpu = TpuVariant(file=plain.tpu.file, inputs=(image,), outputs=outputs)
    card = plain.model_copy(update={"tpu": tpu})
    child = TpuChild(FakeEdgeTpu(tmp_path, old_abi=old_abi).library)
    child.start()
    picture = np.random.default_rng(1).integers(0, 255, image.shape, np.uint8)
    try:
        load(child, card, file)
        first, again = (child.infer("tiny", [picture], PATIENCE_S) for _ in range(2))
    except (TpuLost, TpuFailed):
        assert old_abi, "the current layout works with every model"
    else:
        assert not old_abi, "the old layout never works"
        assert [output.shape for output in first] == [spec.shape for spec in outputs]
        assert all(map(np.array_equal, first, again))
    finally:
        child.close()
