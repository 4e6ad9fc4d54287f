"""What can go wrong with the accelerator, by what its owner does next.

A third kind is plain `Refused`, for what only a person can change: "tpu_library_missing", "tpu_library_wrong",
"tpu_no_device", "tpu_option".
"""

from gateway.errors import Transient


class TpuLost(Transient):
    """The child is gone, or was killed because it could not be trusted any more: start another one.

    Keys: "tpu_crashed" (ended by a signal; its name in the facts), "tpu_aborted" (the library gave up: SIGABRT),
    "tpu_hung" (no answer in time), "tpu_exited" (ended by itself), "tpu_garbled" (an answer to another question)."""


class TpuFailed(Transient):
    """The child lives, this one request did not succeed.

    Keys: "tpu_invoke_failed" (the device failed, or was pulled out), "tpu_prepare_failed" (the device does not take
    the model now), "tpu_model_refused" (the file is no compiled model, or not what its card says)."""
