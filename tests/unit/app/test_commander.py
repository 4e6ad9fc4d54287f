from gateway.app.commander import Commander
from gateway.errors import Transient
from gateway.flow.board import Counters
from gateway.flow.channel import Channel
from gateway.testing.clock import FakeClock
from gateway.types import Command, Origin, Outcome, Switch

from .corridor import command, done


class Written:
    """A journal that may be full."""

    def __init__(self, *, full: bool = False) -> None:
        self.rows: list[Command | Outcome] = []
        self._full = full

    async def add_command(self, order: Command) -> None:
        self._write(order)

    async def add_outcome(self, outcome: Outcome) -> None:
        self._write(outcome)

    def _write(self, row: Command | Outcome) -> None:
        if self._full:
            raise Transient("disk_full")
        self.rows.append(row)


class Lamp:
    def __init__(self) -> None:
        self.got: list[Command] = []

    async def deliver(self, order: Command) -> Outcome:
        self.got.append(order)
        return done(order)


def commander(lamp: Lamp, journal: Written, told: list[Outcome], counters: Counters) -> Commander:
    return Commander(
        dispatcher=lamp,
        journal=journal,
        clock=FakeClock(),
        counters=counters,
        tell=lambda _command, outcome: told.append(outcome),
    )


async def test_every_command_is_carried_out_journalled_and_told_before_the_stage_ends() -> None:
    lamp, journal, told = Lamp(), Written(), list[Outcome]()
    commands: Channel[Command] = Channel("commands", 200)
    orders = [command() for _ in range(150)]
    for order in orders:
        await commands.send(order)
    await commands.close()
    await commander(lamp, journal, told, Counters()).run(commands, lambda: None)
    assert {order.id for order in lamp.got} == {order.id for order in orders}
    assert len(journal.rows) == 300
    assert {outcome.command for outcome in told} == {order.id for order in orders}


async def test_the_lamp_works_with_a_full_disk_and_the_loss_is_counted() -> None:
    lamp, told, counters = Lamp(), list[Outcome](), Counters()
    outcome = await commander(lamp, Written(full=True), told, counters).carry_out(command())
    assert told == [outcome]
    assert counters.get("store.lost.command") == 1


async def test_a_command_by_hand_names_its_origin() -> None:
    lamp, journal = Lamp(), Written()
    await commander(lamp, journal, [], Counters()).by_hand("lamp", Switch(on=False))
    (order,) = lamp.got
    assert (order.origin, order.target, order.action) == (Origin.USER, "lamp", Switch(on=False))
