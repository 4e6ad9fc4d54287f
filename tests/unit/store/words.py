"""Examples of the words that the store keeps."""

from datetime import UTC, datetime, timedelta

from gateway.types import (
    Action,
    Box,
    Command,
    Detection,
    Event,
    FrameRef,
    Kind,
    Origin,
    Outcome,
    Result,
    Stamp,
    Switch,
)

START = datetime(2026, 3, 1, 18, 2, 11, 123456, tzinfo=UTC)


def stamp(seconds: float = 0.0) -> Stamp:
    return Stamp(wall=START + timedelta(seconds=seconds), mono_ns=int(seconds * 1e9) + 7, boot="boot-of-a-test")


def event(
    number: int,
    kind: Kind = Kind.MOTION_BEGAN,
    *,
    source: str = "door",
    label: str | None = None,
    cause: str | None = None,
    evidence: str | None = None,
) -> Event:
    return Event(
        id=f"{number:032x}",
        kind=kind,
        stamp=stamp(number),
        began=stamp(number - 1),
        ended=stamp(number + 1),
        source=source,
        zone="path",
        label=label,
        detections=(
            Detection(
                label=label or "motion",
                score=0.1 + 0.2,
                box=Box(x0=0.1, y0=1 / 3, x1=0.5, y1=1.0),
                model="m@1",
                frame=FrameRef(source=source, seq=number, stamp=stamp(number)),
                track="t-1",
            ),
        ),
        evidence=evidence,
        cause=cause,
    )


def command(number: int, cause: str, why: str = "because", action: Action | None = None) -> Command:
    return Command(
        id=f"{number:032x}",
        target="hall_light",
        action=action or Switch(on=True),
        issued=stamp(number),
        ttl_s=5.0,
        origin=Origin.RULE,
        cause=cause,
        trigger=stamp(number - 1),
        why=why,
    )


def outcome(number: int, result: Result = Result.DONE) -> Outcome:
    return Outcome(command=f"{number:032x}", result=result, took_s=0.042, detail="acknowledged", published=stamp(1.5))
