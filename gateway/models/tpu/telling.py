"""What is said about the accelerator, in words."""

from collections.abc import Sequence

from gateway.errors import GatewayError
from gateway.models.tpu.keeper import Keeper, Mode
from gateway.models.tpu.roster import Hosted
from gateway.types import Level, Stamp, State

PART = "accelerator"
NO_DEVICE = "no Edge TPU is plugged in"
NO_MODEL = "an Edge TPU is plugged in, no model in use is made for it"

_LEVELS = {Mode.OFF: Level.OFF, Mode.CPU: Level.DEGRADED, Mode.TPU: Level.OK}

_WORDS = {
    "tpu_crashed": "its library crashed",
    "tpu_aborted": "its library gave up",
    "tpu_hung": "it gave no answer in time",
    "tpu_exited": "its process ended",
    "tpu_garbled": "it answered with nonsense",
    "tpu_unplugged": "it was unplugged",
    "tpu_invoke_failed": "it failed while running a model",
    "tpu_prepare_failed": "it does not take the model",
    "tpu_model_refused": "the compiled model is not what its card says",
    "tpu_disagrees": "it answers otherwise than the processor",
    "tpu_library_missing": "its library is not installed",
    "tpu_library_wrong": "its library is not that of an Edge TPU",
    "tpu_no_device": "its library finds no device",
    "tpu_option": "its library does not take the options",
}


def wording(error: GatewayError) -> str:
    """A sentence with the facts behind it."""
    return f"{_WORDS.get(error.key, 'it cannot be used')}: {error}"


def state_of(keeper: Keeper, version: str, models: Sequence[Hosted], since: Stamp) -> State:
    """The state of part "accelerator": key "tpu", "cpu" or "off"; the detail says why, and which models the CPU runs
    although the accelerator works."""
    detail = keeper.reason
    if keeper.mode is Mode.TPU:
        aside = [f"{model.model} on the CPU: {model.reason}" for model in models if model.reason]
        detail = "; ".join([f"{version}, {sum(model.serving for model in models)} models", *aside])
    return State(part=PART, level=_LEVELS[keeper.mode], key=keeper.mode.value, detail=detail, since=since)
