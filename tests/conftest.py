"""The strict harness: what a test leaves behind, or does to the loop, fails it."""

import asyncio
import functools
import inspect
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

_sleep = time.sleep


@pytest.fixture(autouse=True)
def no_blocking_call_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    def guarded(seconds: float) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return _sleep(seconds)
        raise AssertionError("time.sleep was called in the event loop")

    monkeypatch.setattr(time, "sleep", guarded)


@pytest.fixture(autouse=True)
def no_bad_log_format(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_handler: logging.Handler, record: logging.LogRecord) -> None:
        raise AssertionError(f"bad log call: {record.msg!r} with {record.args!r}")

    monkeypatch.setattr(logging.Handler, "handleError", fail)


@pytest.fixture(autouse=True)
def no_leftover_thread() -> Iterator[None]:
    """Non-daemon threads must be gone; the loop's own default executor is not ours to judge."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _strangers(before):
        _sleep(0.01)
    assert not _strangers(before), f"threads left behind: {_strangers(before)}"


def _strangers(before: set[threading.Thread]) -> list[str]:
    return [
        t.name
        for t in threading.enumerate()
        if t not in before and not t.daemon and t.is_alive() and not t.name.startswith("asyncio_")
    ]


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = _leaves_no_task(item.obj)


def _leaves_no_task(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def watched(*args: Any, **kwargs: Any) -> None:
        before = asyncio.all_tasks()
        await test(*args, **kwargs)
        left = {task for task in asyncio.all_tasks() - before if not task.done()}
        assert not left, f"tasks left behind: {sorted(task.get_name() for task in left)}"

    return watched
