"""The second CPU backend: one ONNX model in ONNX Runtime, on one thread. An extra: `pip install hearthgate[onnx]`."""

import ctypes
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gateway.errors import Invalid, Refused
from gateway.models import files, onnx_shapes
from gateway.models.owner import Owner, check_inputs
from gateway.models.tensors import locate
from gateway.wire.model_card import ModelCard, TensorSpec

_log = logging.getLogger(__name__)

Array = npt.NDArray[np.generic]

_PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}


class OnnxBackend:
    """Implements `seams.Backend`. The thread that loads owns it: any other one gets a RuntimeError, which is a bug.

    One compute thread, as with `LiteRtBackend`. Sizes that the model leaves open are the card's.
    """

    def __init__(self) -> None:
        self._owner = Owner()
        self._session: Any = None
        self._card: ModelCard | None = None
        self._inputs: tuple[str, ...] = ()
        self._outputs: tuple[str, ...] = ()

    def load(self, card: ModelCard, file: Path) -> None:
        """Raises `Refused`: "model_missing", "model_unreadable", "model_hash", "model_invalid" (also for weights that
        are elsewhere and operators that are not ONNX's own), "model_tensors", "runtime_missing"."""
        self._owner.check()
        session = _open(file, card)
        _return_heap()
        self._inputs = _names(card.inputs, session.get_inputs(), card.id, "input")
        self._outputs = _names(card.outputs, session.get_outputs(), card.id, "output")
        self._session, self._card = session, card
        self._owner.take()
        try:
            self._rehearse(card)
        except BaseException:  # whatever ended it, a session that is not in use holds memory
            self.close()
            raise
        _log.info("model %s loaded from %s on %s", card.id, file.name, session.get_providers()[0])

    def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """Raises `Invalid`: "model_input" (wrong count, shape or dtype), "model_failed" (the runtime gave up, or an
        answer has another shape than the card says)."""
        self._owner.check()
        if self._card is None:
            raise RuntimeError("infer before load")
        check_inputs(self._card, inputs)
        try:
            found = self._session.run(self._outputs, dict(zip(self._inputs, inputs, strict=True)))
        except Exception as error:  # noqa: BLE001  # the runtime's fifteen errors have no other base
            raise Invalid("model_failed", model=self._card.id, cause=str(error)[:200]) from None
        if [output.shape for output in found] != [spec.shape for spec in self._card.outputs]:
            raise Invalid("model_failed", model=self._card.id, cause="an answer of another shape")
        return tuple(found)

    def close(self) -> None:
        """Frees the model; may be called twice, and then `load` may be called again."""
        self._owner.check()
        self._session = self._card = None
        self._owner.release()

    def _rehearse(self, card: ModelCard) -> None:
        """What the model leaves open shows only when it runs."""
        try:
            self.infer([np.zeros(spec.shape, spec.dtype) for spec in card.inputs])
        except Invalid as error:
            raise Refused("model_tensors", model=card.id, cause=str(error.facts.get("cause"))) from None


def _names(specs: Sequence[TensorSpec], found: Sequence[Any], model: str, side: str) -> tuple[str, ...]:
    places = locate(specs, [_details(place, node) for place, node in enumerate(found)], model, side)
    return tuple(str(found[place].name) for place in places)


def _details(place: int, node: Any) -> Mapping[str, Any]:
    """As TFLite tells it. The format knows no quantisation of a whole tensor: scales are in its operators."""
    shape = [side if isinstance(side, int) else None for side in node.shape]
    dtype = _DTYPES.get(node.type, np.void)
    return {"name": node.name, "index": place, "shape": shape, "dtype": dtype, "quantization": None}


def _open(file: Path, card: ModelCard) -> Any:
    """From memory, so that what was checked is what runs."""
    data = files.read(file, card.sha256, card.bytes)
    onnx_shapes.check(data)
    try:
        import onnxruntime
    except ImportError as error:
        raise Refused("runtime_missing", hint="install hearthgate[onnx]", cause=str(error)) from None
    onnxruntime.disable_telemetry_events()
    try:
        return onnxruntime.InferenceSession(
            data,
            sess_options=_options(onnxruntime),
            providers=providers(card, onnxruntime.get_available_providers()),
            enable_fallback=0,  # it would print and try the same again
        )
    except Exception as error:  # noqa: BLE001  # the runtime's fifteen errors have no other base
        raise Refused("model_invalid", model=card.id, cause=str(error)[:200]) from None


def _return_heap() -> None:
    """Reading a model leaves its bytes twice in the heap, free but kept: 44 of 101 MB for the face embedding."""
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def providers(card: ModelCard, available: Sequence[str]) -> list[str]:
    """The runtime's names of the card's providers that are there, best first; the processor always comes last."""
    wanted = [_PROVIDERS[name] for name in (*card.providers, "cpu")]
    return [name for name in dict.fromkeys(wanted) if name in available]


def _options(onnxruntime: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")
    return options
