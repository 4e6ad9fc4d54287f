"""What every sink must keep to; run on the fakes and on the real ones alike."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.flow.clock import Clock
from gateway.seams import Delivery, Sink
from gateway.types import Action, Command, Origin, Outcome, Result, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkCase:
    """A sink ready to work. `actions` are two different things that `target` does; `carried_out` tells how many
    commands have left so far, or what they were, in order: anything with a length that grows by one a command."""

    sink: Sink
    clock: Clock
    target: str
    actions: tuple[Action, Action]
    carried_out: Callable[[], Sequence[object]]
    ttl_s: float = 5.0

    def command(self, action: int = 0, target: str | None = None) -> Command:
        now = self.clock.now()
        return Command(
            id=new_id(),
            target=self.target if target is None else target,
            action=self.actions[action],
            issued=now,
            ttl_s=self.ttl_s,
            origin=Origin.USER,
            cause="conformance",
            trigger=now,
        )


async def check_sink(case: SinkCase) -> None:
    """All checks, one after the other; raises `AssertionError` with the promise that was broken."""
    check_words(case)
    await check_unknown_target(case)
    await check_expired(case)
    await check_done(case)
    await check_once(case)
    await check_order(case)


def check_words(case: SinkCase) -> None:
    assert case.sink.name, "a sink has a name"
    assert case.sink.delivery in Delivery, "a sink says how durable it is"
    assert case.sink.accepts(case.command()), "a sink accepts what it is for"
    assert not case.sink.accepts(case.command(target="no-such-thing")), "a sink knows its targets"


async def check_unknown_target(case: SinkCase) -> None:
    outcome = await _refused(case, case.command(target="no-such-thing"))
    assert outcome.detail == "no_such_target", "an unknown target is named as such"


async def check_expired(case: SinkCase) -> None:
    late = case.command()
    long_ago = replace(
        late.issued,
        mono_ns=late.issued.mono_ns - int((case.ttl_s + 1) * 1e9),
        wall=late.issued.wall - timedelta(seconds=case.ttl_s + 1),
    )
    outcome = await _refused(case, replace(late, issued=long_ago))
    assert outcome.detail == "expired", "a command past its time is named as such"
    rebooted = replace(long_ago, boot="another-boot", mono_ns=late.issued.mono_ns + 10**15)
    assert (await _refused(case, replace(case.command(), issued=rebooted))).detail == "expired", (
        "the age of a command from before a reboot is that of the wall clock"
    )


async def check_done(case: SinkCase) -> None:
    before = len(case.carried_out())
    command = case.command()
    outcome = await case.sink.deliver(command)
    assert (outcome.command, outcome.result) == (command.id, Result.DONE), f"it is done: {outcome}"
    assert outcome.took_s >= 0, "time does not run backwards"
    assert outcome.published is not None, "what is done went out at some time"
    assert outcome.published.mono_ns >= command.issued.mono_ns, "and not before it was wished"
    assert len(case.carried_out()) == before + 1, "one command is carried out once"


async def check_once(case: SinkCase) -> None:
    before = len(case.carried_out())
    command = case.command(1)
    first, second = await asyncio.gather(case.sink.deliver(command), case.sink.deliver(command))
    third = await case.sink.deliver(command)
    assert first == second == third, "one id has one outcome"
    assert len(case.carried_out()) == before + 1, "one id is carried out once, at once or later"


async def check_order(case: SinkCase) -> None:
    before = len(case.carried_out())
    commands = [case.command(n % 2) for n in range(6)]
    outcomes = await asyncio.gather(*(case.sink.deliver(command) for command in commands))
    assert [o.command for o in outcomes] == [c.id for c in commands], "every command gets its own outcome"
    assert outcomes[-1].result is Result.DONE, f"the last wish comes true: {outcomes[-1]}"
    stamps = [o.published.mono_ns for o in outcomes if o.published is not None]
    assert stamps == sorted(stamps), "commands leave in the order of their delivery"
    assert len(case.carried_out()) == before + len(commands), "none is lost, none is doubled"


async def _refused(case: SinkCase, command: Command) -> Outcome:
    before = len(case.carried_out())
    outcome = await case.sink.deliver(command)
    assert (outcome.command, outcome.result) == (command.id, Result.REFUSED), f"it is refused: {outcome}"
    assert outcome.published is None, "what is refused never went out"
    assert len(case.carried_out()) == before, "what is refused is not carried out"
    return outcome
