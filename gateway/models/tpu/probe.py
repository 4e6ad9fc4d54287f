"""Trying a model on a child before anybody depends on it."""

import time

from gateway.models.tpu.child import Child
from gateway.models.tpu.errors import TpuFailed
from gateway.models.tpu.roster import Hosted

LOAD_S = 20.0
"""The first model of a fresh device brings its firmware along."""
FIRST_RUN_S = 5.0


def probe(child: Child, hosted: Hosted) -> float:
    """Load the model and ask it its trial questions; the seconds that the last run took.

    Raises `TpuFailed`: "tpu_disagrees" (not the CPU twin's answer, within the card's tolerance) and what the child
    raises; the model is not loaded then. Raises `TpuLost` where the child did not survive it."""
    child.load(hosted.card, hosted.stream_fd, LOAD_S)
    try:
        return [_ask(child, hosted, number) for number in range(len(hosted.trials))][-1]
    except TpuFailed:
        child.unload(hosted.card.id)
        raise


def _ask(child: Child, hosted: Hosted, number: int) -> float:
    trial = hosted.trials[number]
    inputs = hosted.asked(trial.inputs)
    began = time.monotonic()
    outputs = child.infer(hosted.card.id, inputs, FIRST_RUN_S)
    took_s = time.monotonic() - began
    apart = hosted.apart(trial, outputs)
    if apart > hosted.tolerance:
        raise TpuFailed("tpu_disagrees", model=hosted.card.id, apart=round(apart, 3), tolerance=hosted.tolerance)
    return took_s
