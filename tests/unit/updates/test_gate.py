"""Only what holds within its time passes the health gate."""

import asyncio

from gateway.errors import Transient
from gateway.updates.gate import Check, HealthGate, once


def saying(answer: bool) -> Check:
    async def check() -> bool:
        return answer

    return check


def raising(error: Exception) -> Check:
    async def check() -> bool:
        raise error

    return check


async def hanging() -> bool:
    await asyncio.Event().wait()
    return True


async def test_every_way_of_failing_is_named() -> None:
    gate = HealthGate(
        {
            "page": saying(True),
            "store": raising(Transient("disk_full")),
            "rules": saying(False),
            "models": raising(ConnectionRefusedError()),
            "stages": hanging,
        },
        check_s=0.05,
    )
    assert await gate.failing() == ("store", "rules", "models", "stages")


async def test_what_is_well_again_passes() -> None:
    answers = iter((False, True, True))

    async def check() -> bool:
        return next(answers)

    gate = HealthGate({"page": check})
    assert [await gate.failing() for _ in range(3)] == [("page",), (), ()]


async def test_a_costly_check_is_not_repeated_once_it_has_passed() -> None:
    answers = iter((False, True))

    async def check() -> bool:
        return next(answers)

    asked = once(check)
    assert [await asked() for _ in range(4)] == [False, True, True, True]
