"""The roll-out of one model, from a candidate to what is kept or given up."""

import asyncio
import logging
from collections.abc import Sequence

from gateway.errors import GatewayError
from gateway.models.rollout import machine, telling
from gateway.models.rollout.every import Every
from gateway.models.rollout.evidence import Seen
from gateway.models.rollout.gates import Decision, Outcome, judge
from gateway.models.rollout.habit import Habit
from gateway.models.rollout.notes import note, note_habit
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.ports import Ports
from gateway.models.rollout.record import Intent, Record, begun, habit_json, record_json
from gateway.models.rollout.switch import switch
from gateway.models.rollout.trial import Found, Trial
from gateway.models.rollout.versions import Version
from gateway.types import Level, State

SAVE_S = 300.0
"""So much evidence a crash may lose; a decision it never loses."""
LOOK_S = 5.0
"""How often the slots are read: a candidate may also come from the command line."""
TELL_S = 60.0
HABIT_S = 3600.0

_log = logging.getLogger(__name__)


def habit_key(model: str) -> str:
    """Under which row the habit is kept; no model's id has a slash."""
    return f"{model}/habit"


class Course:
    """Ticked by the desk; belongs to the event loop. `record` is None before the first candidate."""

    def __init__(self, model: str, ports: Ports, record: Record | None, habit: Habit) -> None:
        self.record = record
        self._habit = habit
        self._model = model
        self._ports = ports
        self._trial = Trial(model, ports)
        self._found: Found | None = None
        self._progress = ""
        self._look_due, self._tell_due = Every(LOOK_S), Every(TELL_S)
        self._save_due, self._habit_due = Every(SAVE_S, at_once=False), Every(HABIT_S, at_once=False)

    @property
    def candidate(self) -> Version | None:
        """What is being tried out; None where nothing is, and once it has been promoted."""
        record = self.record
        on_trial = record is not None and record.phase.running and record.phase is not Phase.WATCH
        return self._found.candidate if on_trial and self._found is not None else None

    def too_hot(self, temperature_c: float | None) -> bool:
        """Whether nothing more should be asked for the sake of the roll-out now."""
        running = self.record is not None and self.record.phase.running
        return running and _hot(self.record, temperature_c)

    async def tick(self, seen: Sequence[Seen], seconds: float, temperature_c: float | None) -> None:
        """Take in what was seen in the last `seconds` and decide. Raises no `GatewayError`: what cannot be read or
        written now is told, and tried again at the next tick."""
        now = self._ports.clock.now().wall
        note_habit(self._habit, seen, seconds, now)
        if self.record is not None and self.record.phase.running:
            note(self.record, seen, seconds, temperature_c, now)
        elif self.record is not None:
            self.record.cooldown_s = max(0.0, self.record.cooldown_s - seconds)
        try:
            await self._go_on(seconds, temperature_c)
        except GatewayError as error:
            self._ports.counters.add("rollout.postponed")
            _log.warning("the roll-out of %s waits: %s", self._model, error)
            part = telling.part(self._model)
            self._ports.report(State(part=part, level=Level.DEGRADED, key=error.key, detail=str(error)))
            self._tell_due.now()

    async def save(self) -> None:
        """Raises what `Table.save` raises."""
        await self._ports.table.save(habit_key(self._model), habit_json(self._habit))
        if self.record is not None:
            await self._ports.table.save(self._model, record_json(self.record))

    async def _go_on(self, seconds: float, temperature_c: float | None) -> None:
        if self._look_due.after(seconds):
            await self._look()
        assert self._found is not None
        if self.record is None or not self.record.phase.running:
            await self._begin(self._found, temperature_c)
        elif self.record.intent is not Intent.NONE:
            await self._switch(self.record)
        else:
            await self._decide(self.record, self._decision(self.record, self._found))
        if self._tell_due.after(seconds):
            await self._hear()
            self._report()
        if self._habit_due.after(seconds) or (self._save_due.after(seconds) and self._unsettled()):
            await self.save()

    async def _look(self) -> None:
        """Read the slots, which are the truth, and have everything follow them."""
        try:
            found = await asyncio.to_thread(Found.read, self._ports.versions, self._model)
        except GatewayError:
            self._look_due.now()
            raise
        if self.record is not None:
            candidate = None if found.candidate is None else found.candidate.digest
            now = self._ports.clock.now().wall
            fits = machine.reconcile(self.record, found.active.digest, candidate, now)
            if fits is not self.record:
                await self._write(fits)
        self._found = found
        self._trial.follow(self.record, found)

    async def _begin(self, found: Found, temperature_c: float | None) -> None:
        """Heat that a candidate did not make is not held against it: it waits."""
        candidate, last = found.candidate, self.record
        if candidate is None or (last is not None and last.cooldown_s > 0):
            return
        record = begun(self._model, candidate, found.active, self._ports.clock.now().wall)
        if not _hot(record, temperature_c):
            await self._enter(record)

    def _decision(self, record: Record, found: Found) -> Decision:
        if record.phase is Phase.CHECKING:
            return self._trial.checked(record, found)
        decision = self._trial.golden_failure() or judge(
            record.plan, record.phase, record.evidence, self._habit, record.spent_s
        )
        self._progress = decision.told
        return decision

    async def _decide(self, record: Record, decision: Decision) -> None:
        if decision.outcome is Outcome.GO_ON:
            return
        decided = machine.decide(record, decision, self._ports.clock.now().wall)
        if decided.intent is Intent.NONE:
            await self._enter(decided)
            return
        await self._write(decided)
        await self._switch(decided)

    async def _switch(self, record: Record) -> None:
        now = self._ports.clock.now().wall
        await self._enter(await asyncio.to_thread(switch, self._ports.versions, record, now))

    async def _enter(self, record: Record) -> None:
        await self._write(record)
        await self._look()

    async def _write(self, record: Record) -> None:
        """Durable, together with the event of the phase it enters, before anything follows from it."""
        known, now = self.record, self._ports.clock.now()
        entered = known is None or (known.candidate, known.phase) != (record.candidate, record.phase)
        events = (telling.decided(record, now),) if entered else ()
        await self._ports.table.save(self._model, record_json(record), events)
        self.record, self._progress = record, record.told
        for event in events:
            self._ports.counters.add(f"rollout.{event.label}")
            self._ports.tell(event)
            self._report()

    async def _hear(self) -> None:
        """What people said of the events that the candidate had a hand in."""
        record, found = self.record, self._found
        if record is None or found is None or record.phase not in {Phase.CANARY, Phase.WATCH}:
            return
        kinds = telling.KINDS.get(found.active.card.role)
        if kinds:
            said = self._trial.answered_for(record, await self._ports.corrections.by_source(kinds, record.began))
            record.evidence.events, record.evidence.wrong = said.events, said.wrong

    def _report(self) -> None:
        self._ports.report(telling.state(self._model, self.record, self._progress, self._ports.clock.now()))

    def _unsettled(self) -> bool:
        return self.record is not None and (self.record.phase.running or self.record.cooldown_s > 0)


def _hot(record: Record | None, temperature_c: float | None) -> bool:
    return record is not None and temperature_c is not None and temperature_c > record.plan.gates.temperature_c
