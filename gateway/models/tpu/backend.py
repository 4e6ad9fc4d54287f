"""One model on the accelerator while that answers, and on its CPU twin at every other moment."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from gateway.errors import GatewayError
from gateway.flow.meters import Meters
from gateway.models import files, vectors
from gateway.models.owner import Owner
from gateway.models.tpu.agree import trial_inputs
from gateway.models.tpu.child import Array
from gateway.models.tpu.host import TpuHost
from gateway.models.tpu.roster import Hosted, Trial
from gateway.models.tpu.scheduler import Priority
from gateway.seams import Backend
from gateway.wire.model_card import CardFile, ModelCard

MOST_TRIALS = 4

Opened = Callable[[CardFile], AbstractContextManager[Path]]
"""A path to a file of a model until the block ends; it is checked when it is opened. Raises `Refused` where there is
none."""


class FailoverBackend:
    """Implements `seams.Backend` around the `cpu` twin, which is loaded first and always.

    Where the accelerator gives no answer to a request, for whatever reason, the twin answers that very request on the
    caller's thread. Every inference is metered under `named`: as "tpu" or as the twin's ("cpu", "onnx").
    """

    def __init__(
        self,
        cpu: Backend,
        *,
        host: TpuHost | None,
        opened: Opened,
        meters: Meters,
        priority: Priority = Priority.NORMAL,
        named: Callable[[ModelCard], str] = lambda card: card.id,
    ) -> None:
        self._cpu = cpu
        self._host = host
        self._opened = opened
        self._named = named
        self._meters = meters
        self._priority = priority
        self._card: ModelCard | None = None
        self._hosted: Hosted | None = None
        self._owner = Owner()
        self.why_not = ""
        """Key of why the loaded model was not handed to the accelerator; "" where it was, or has no file for it."""

    def load(self, card: ModelCard, file: Path) -> None:
        """As the twin does. Whatever keeps it from the accelerator, a file that is missing or damaged or a twin that
        cannot answer the trial questions, leaves the model on the CPU."""
        self._owner.check()
        self._cpu.load(card, file)
        self._card, self.why_not = card, ""
        self._owner.take()
        try:
            self._hosted = self._handed_over(card)
        except GatewayError as error:
            self.why_not = error.key
            self._meters.failed(self._named(card), "tpu", error.key)

    def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """Raises what the twin raises."""
        self._owner.check()
        card, began_s = self._card, time.monotonic()
        if self._hosted is None or card is None or not _fits(card, inputs):
            return self._own(inputs, began_s)
        assert self._host is not None
        try:
            asked = self._hosted.asked(inputs)
            answer = self._host.ask(self._hosted, asked, self._priority)
            outputs = self._hosted.answered(answer.outputs)
        except GatewayError as error:
            if error.key != "tpu_away":
                self._meters.failed(self._named(card), "tpu", error.key)
            return self._stand_in(inputs, began_s)
        self._meters.took(self._named(card), "tpu", took_s=answer.took_s, waited_s=answer.waited_s)
        return outputs

    def close(self) -> None:
        self._owner.check()
        self._cpu.close()
        hosted, self._hosted = self._hosted, None
        if hosted is not None and self._host is not None:
            self._host.unregister(hosted)
        self._card = None
        self._owner.release()

    def _handed_over(self, card: ModelCard) -> Hosted | None:
        if card.tpu is None or self._host is None:
            return None
        tpu = card.tpu.file
        with self._opened(tpu) as path, files.opened(path, tpu.sha256, tpu.bytes) as stream:
            trials = tuple(Trial(inputs=asked, wanted=self._cpu.infer(asked)) for asked in self._questions(card))
            return self._host.register(card, stream.fileno(), trials)

    def _questions(self, card: ModelCard) -> list[tuple[Array, ...]]:
        """Golden inputs where the model has some, otherwise one that is made up."""
        if card.golden is None:
            return [trial_inputs(card)]
        with self._opened(card.golden) as path:
            data = files.read(path, card.golden.sha256, card.golden.bytes)
        return [case.inputs for case in vectors.read(card, data)[:MOST_TRIALS]]

    def _stand_in(self, inputs: Sequence[Array], asked_s: float) -> tuple[Array, ...]:
        began_s = time.monotonic()
        outputs = self._own(inputs, asked_s)
        assert self._host is not None
        self._host.stood_in(time.monotonic() - began_s)
        return outputs

    def _own(self, inputs: Sequence[Array], asked_s: float) -> tuple[Array, ...]:
        if self._card is None:
            return self._cpu.infer(inputs)
        name = "onnx" if self._card.backend == "onnx" else "cpu"
        began_s = time.monotonic()
        try:
            outputs = self._cpu.infer(inputs)
        except GatewayError as error:
            self._meters.failed(self._named(self._card), name, error.key)
            raise
        ended_s = time.monotonic()
        self._meters.took(self._named(self._card), name, took_s=ended_s - began_s, waited_s=began_s - asked_s)
        return outputs


def _fits(card: ModelCard, inputs: Sequence[Array]) -> bool:
    """Otherwise the twin says what is wrong with them."""
    given = [(value.shape, value.dtype.name) for value in inputs]
    return given == [(spec.shape, spec.dtype) for spec in card.inputs]
