"""Setting up what a phase needs: who answers, what is compared, which golden answers are asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from gateway.errors import GatewayError
from gateway.models.rollout.gates import Decision, Outcome
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.ports import Ports
from gateway.models.rollout.record import Record
from gateway.models.rollout.shadow import Golden
from gateway.models.rollout.verdict import comparable
from gateway.models.rollout.versions import Route, Version, Versions
from gateway.store.rollouts import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the slots hold."""

    active: Version
    candidate: Version | None
    previous: Version | None

    @classmethod
    def read(cls, versions: Versions, model: str) -> Self:
        """Blocks. Raises what `Versions` does."""
        return cls(
            active=versions.active(model), candidate=versions.candidate(model), previous=versions.previous(model)
        )


class Trial:
    """Of one model; belongs to the event loop. `follow` may be called as often as one likes."""

    def __init__(self, model: str, ports: Ports) -> None:
        self.golden: Golden | None = None
        self.route: Route | None = None
        self._model = model
        self._ports = ports
        self._phase: tuple[str, Phase] | None = None
        self._compared: tuple[Version, Version] | None = None

    def follow(self, record: Record | None, found: Found) -> None:
        """Have the right versions answer, be compared and be asked. Returns at once."""
        self._direct(record, found)
        self._compare(record, found)
        self._ask(record, found)

    def checked(self, record: Record, found: Found) -> Decision:
        """What is clear of a candidate before it answers anything: whether it fits, loads and holds its golden answers
        on this device."""
        assert found.candidate is not None
        if not comparable(found.active.card, found.candidate.card):
            told = "it does not take the inputs and give the answers of the model in service"
            return Decision(outcome=Outcome.FAIL, gate="model_incompatible", told=told)
        if self.golden is None or not self.golden.done():
            late = record.spent_s >= record.plan.timeout_hours * 3600
            return Decision(outcome=Outcome.FAIL if late else Outcome.GO_ON, gate="timeout" if late else "")
        return self.golden_failure() or Decision(outcome=Outcome.PASS, told=_golden_told(self.golden))

    def golden_failure(self) -> Decision | None:
        """None where the answers hold, are none, or are still awaited."""
        if self.golden is None or not self.golden.done():
            return None
        try:
            report = self.golden.result()
        except GatewayError as error:
            return Decision(outcome=Outcome.FAIL, gate="load", told=str(error))
        if report is None or report.holds:
            return None
        told = f"{_golden_told(self.golden)}; worst {report.worst_abs:.3g}, cosine {report.cosine:.5f}"
        return Decision(outcome=Outcome.FAIL, gate="golden", told=told)

    def answered_for(self, record: Record, told: Mapping[str, Told]) -> Told:
        """What people said of the events from sources that the candidate answered for."""
        watching = record.phase is Phase.WATCH
        mine = [one for source, one in told.items() if watching or (self.route and self.route.on_trial(source))]
        return Told(events=sum(one.events for one in mine), wrong=sum(one.wrong for one in mine))

    def _direct(self, record: Record | None, found: Found) -> None:
        route = Route(serving=found.active)
        if record is not None and record.phase is Phase.CANARY and found.candidate is not None:
            plan, device = record.plan, self._ports.device
            route = Route(
                serving=found.active,
                trial=found.candidate,
                salt=record.salt,
                share=plan.share,
                by=plan.by,
                device=device,
            )
        self.route = route
        self._ports.intake.direct(self._model, route)

    def _compare(self, record: Record | None, found: Found) -> None:
        wanted = None
        if record is not None and record.phase is Phase.WATCH and found.previous is not None:
            wanted = (found.previous, found.active)
        elif record is not None and record.phase in {Phase.SHADOW, Phase.CANARY} and found.candidate is not None:
            wanted = (found.active, found.candidate)
        if wanted == self._compared:
            return
        self._compared = wanted
        if wanted is None or record is None:
            self._ports.shadow.stop(self._model)
        else:
            self._ports.shadow.compare(self._model, *wanted, record.plan.duty)

    def _ask(self, record: Record | None, found: Found) -> None:
        """Golden answers, once at the beginning of the phases that hang on them."""
        phase = None if record is None else (record.candidate, record.phase)
        if phase == self._phase:
            return
        self._phase, self.golden = phase, None
        if record is not None and record.phase is Phase.WATCH:
            self.golden = self._ports.shadow.golden(found.active)
        elif record is not None and record.phase is Phase.CHECKING and found.candidate is not None:
            self.golden = self._ports.shadow.golden(found.candidate)


def _golden_told(golden: Golden) -> str:
    report = golden.result()
    return "its card has no golden vectors" if report is None else f"golden answers asked: {report.cases}"
