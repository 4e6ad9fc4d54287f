"""Which runtime is taken, and what is said where there is none."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import pytest

from gateway.errors import Refused
from gateway.models import runtime


def only(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    monkeypatch.setattr(runtime, "find_spec", lambda name: ModuleSpec(name, None) if name in modules else None)


def test_the_maintained_runtime_is_preferred() -> None:
    assert runtime.interpreter_class().__module__ == "ai_edge_litert.interpreter"


def test_without_any_runtime_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    with pytest.raises(Refused) as caught:
        runtime.interpreter_class()
    assert caught.value.key == "runtime_missing"
    assert "ai-edge-litert" in str(caught.value)


def test_the_old_runtime_is_refused_with_numpy_2(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "tflite_runtime")
    with pytest.raises(Refused) as caught:
        runtime.interpreter_class()
    assert caught.value.key == "runtime_missing"
    assert "NumPy 1" in str(caught.value)


def test_the_old_runtime_is_taken_with_numpy_1(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "tflite_runtime")
    monkeypatch.setattr(np, "__version__", "1.26.4")
    module = ModuleType("tflite_runtime.interpreter")
    module.Interpreter = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tflite_runtime", ModuleType("tflite_runtime"))
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", module)
    assert runtime.interpreter_class() is object


@pytest.mark.parametrize("name", ["ai_edge_litert", "tflite_runtime"])
def test_a_runtime_that_does_not_load_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, name)
    monkeypatch.setattr(np, "__version__", "1.26.4")
    monkeypatch.setitem(sys.modules, f"{name}.interpreter", None)
    with pytest.raises(Refused) as caught:
        runtime.interpreter_class()
    assert caught.value.key == "runtime_missing"
