"""The TFLite runtime that this device has: ai-edge-litert, or its predecessor tflite-runtime."""

from importlib.util import find_spec
from typing import Any

import numpy as np

from gateway.errors import Refused


def interpreter_class() -> Any:
    """The classic `Interpreter` class.

    Not `CompiledModel`: it holds the interpreter lock while it runs. tflite-runtime is taken only with NumPy 1: with
    NumPy 2 it imports and then fails. Raises `Refused("runtime_missing")`."""
    if find_spec("ai_edge_litert") is not None:
        return _litert()
    if find_spec("tflite_runtime") is None:
        raise Refused("runtime_missing", hint="install ai-edge-litert")
    if int(np.__version__.split(".", maxsplit=1)[0]) >= 2:
        raise Refused("runtime_missing", hint="tflite-runtime needs NumPy 1: install ai-edge-litert")
    return _tflite_runtime()


def _litert() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise Refused("runtime_missing", hint="ai-edge-litert does not load", cause=str(error)) from None
    return Interpreter


def _tflite_runtime() -> Any:
    try:
        from tflite_runtime.interpreter import Interpreter
    except ImportError as error:
        raise Refused("runtime_missing", hint="tflite-runtime does not load", cause=str(error)) from None
    return Interpreter
