"""A look at the vendor's library, as a program: `python -m gateway.models.tpu.examine LIBRARY [list|open]`.

Prints one line a step, so that the last one tells where it died: "missing CAUSE" or "wrong CAUSE", or "version TEXT",
"devices N", then with `open` "opened" or "unopened CAUSE", then "sound" or "unsound CAUSE".

The last step tells a library of the right struct layout from one that corrupts memory: it is handed a model whose
operator carries nothing for the chip. A sound one refuses that in order before it touches the device; with an old
layout its functions are not even reached, or the process dies (TfLiteRegistration is passed by value and has grown).
"""

import sys

from gateway.errors import Refused
from gateway.models.runtime import interpreter_class
from gateway.models.tpu.custom import custom_model
from gateway.models.tpu.delegate import ask_library, make_delegate
from gateway.wire.model_card import TensorSpec

_BLANK = custom_model([TensorSpec(shape=(1, 4), dtype="uint8")], [TensorSpec(shape=(1, 4), dtype="uint8")], b"")


def examine(library: str, *, opening: bool) -> None:
    try:
        version, devices = ask_library(library)
    except Refused as error:
        _tell("missing" if error.key == "tpu_library_missing" else "wrong", str(error.facts["cause"]))
        return
    _tell("version", version)
    _tell("devices", str(len(devices)))
    if opening and devices:
        _open(library)


def _open(library: str) -> None:
    try:
        delegate = make_delegate(library, {})
    except Refused as error:
        _tell("unopened", str(error.facts.get("cause", error.key)))
        return
    _tell("opened", "")
    try:
        interpreter_class()(model_content=_BLANK, experimental_delegates=[delegate]).allocate_tensors()
    except (RuntimeError, ValueError) as error:
        sound = "unresolved custom op" not in str(error)
        _tell("sound" if sound else "unsound", str(error))
    else:
        _tell("unsound", "took an empty model")


def _tell(word: str, text: str) -> None:
    sys.stdout.write(f"{word} {' '.join(text.split())[:300]}".rstrip() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    examine(sys.argv[1], opening=sys.argv[2:] == ["open"])
