from gateway.flow.beat import Beats
from gateway.testing.clock import FakeClock


async def test_ready_only_when_every_stage_has_reported() -> None:
    beats = Beats(FakeClock())
    first, second = beats.register("a", 10), beats.register("b", 10)
    assert not beats.ready
    first()
    assert not beats.ready
    second()
    assert beats.ready


async def test_a_silent_stage_is_named_and_a_finished_one_forgotten() -> None:
    clock = FakeClock()
    beats = Beats(clock)
    beats.register("quick", 5)()
    beats.register("slow", 60)()
    await clock.advance(6)
    assert beats.silent() == ("quick",)
    beats.forget("quick")
    assert beats.silent() == ()
