import pytest

from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.board import Counters
from gateway.sinks.dispatch import Dispatcher
from gateway.testing.clock import FakeClock
from gateway.testing.sink import RecordingSink
from gateway.types import Command, Origin, Outcome, Switch, new_id


class BrokenSink(RecordingSink):
    """Breaks its promise and raises."""

    def __init__(self, error: GatewayError, clock: FakeClock) -> None:
        super().__init__("lamp", clock=clock)
        self._error = error

    async def deliver(self, command: Command) -> Outcome:
        raise self._error


def command(clock: FakeClock, target: str = "lamp", *, on: bool = True) -> Command:
    return Command(
        id=new_id(),
        target=target,
        action=Switch(on=on),
        issued=clock.now(),
        ttl_s=5.0,
        origin=Origin.RULE,
        cause="test",
        trigger=clock.now(),
    )


async def test_the_first_sink_that_accepts_gets_it() -> None:
    clock, counters = FakeClock(), Counters()
    first, second = RecordingSink("lamp", clock=clock), RecordingSink("lamp", "heater", clock=clock)
    dispatcher = Dispatcher([first, second], clock=clock, counters=counters)
    lamp, heater = command(clock), command(clock, "heater")
    assert (await dispatcher.deliver(lamp)).command == lamp.id
    assert (await dispatcher.deliver(heater)).command == heater.id
    assert (first.carried_out, second.carried_out) == ([lamp], [heater])
    assert counters.all() == {"command.done": 2}


async def test_a_target_that_nobody_knows_is_refused_and_counted() -> None:
    clock, counters = FakeClock(), Counters()
    outcome = await Dispatcher([], clock=clock, counters=counters).deliver(command(clock))
    assert (outcome.result, outcome.detail) == ("refused", "no_such_target")
    assert counters.all() == {"command.refused": 1}


@pytest.mark.parametrize(
    ("error", "result"), [(Transient("line_busy"), "unreachable"), (Refused("not_allowed"), "refused")]
)
async def test_a_sink_that_raises_still_gives_an_outcome(error: GatewayError, result: str) -> None:
    clock, counters = FakeClock(), Counters()
    outcome = await Dispatcher([BrokenSink(error, clock)], clock=clock, counters=counters).deliver(command(clock))
    assert (outcome.result, outcome.detail) == (result, error.key)
