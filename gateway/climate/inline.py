"""Work that is done at once, where others would do it beside: time that is simulated does not wait."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Inline(Executor):
    """What is submitted is done when `submit` returns; what it raises is in the future, as with any executor."""

    def submit(self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs) -> "Future[Result]":
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # the future carries it to whoever asks for the result
            future.set_exception(error)
        return future
