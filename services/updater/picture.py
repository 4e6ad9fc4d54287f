"""All that the updater knows, as it tells it."""

from collections.abc import Sequence

from gateway.wire.update import Imported, Machine
from services.updater.engine import Engine
from services.updater.parts import Parts


def told(parts: Parts, engine: Engine, sticks: Sequence[str], imported: tuple[Imported, ...]) -> Machine:
    memory, gate, place = engine.memory, parts.gate, parts.place
    attempt, up_s = memory.attempt, parts.clock.up_s()
    return Machine(
        board=place.board,
        version=place.version,
        slot=place.slot,
        confirmed=place.slot is None or memory.passed == place.boot,
        failing=gate.failing(up_s) if place.slot is not None else (),
        stable_s=gate.stable_s(up_s),
        stable_needed_s=gate.stable_needed_s,
        state=memory.state,
        step=memory.step,
        done=engine.done,
        target=attempt.target if attempt else None,
        origin=attempt.origin if attempt else None,
        campaign=attempt.campaign if attempt else None,
        newest=memory.newest.version if memory.newest else None,
        other=memory.other.version if memory.other else None,
        key=memory.key,
        detail=memory.detail,
        sticks=tuple(sticks),
        imported=imported,
        history=memory.history,
    )
