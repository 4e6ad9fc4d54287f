"""`python -m services.factory VERB ...`: one verb a line, each imported only when it is called."""

import importlib
import sys
from collections.abc import Callable, Sequence

from gateway.errors import GatewayError

VERBS = {
    "keygen": ("services.factory.signing:keygen", "a new Ed25519 key pair for signing bundles"),
    "bundle": ("services.factory.signing:bundle", "put a card and its files into a signed bundle"),
    "rotate": ("services.factory.signing:rotate", "a signed statement that one key follows another"),
    "lint": ("services.factory.lint:main", "would the Edge TPU compiler take this file, and is it int8 throughout"),
    "compile": ("services.factory.compile:main", "call edgetpu_compiler where it is installed"),
    "embedding": ("services.factory.embedding:main", "the int8 face embedding, with its table"),
    "face-detector": ("services.factory.face_detector:main", "the face detector with an int8 backbone and float heads"),
    "motion": ("services.factory.motion.main:main", "the network of the second look at motion, with its report"),
    "forecaster": ("services.factory.forecast.main:main", "the thermostat's network, of drawn houses, with its table"),
    "occupancy": ("services.factory.occupancy:main", "the weights of the occupancy cues, from one labelled office"),
    "onnx": ("services.factory.onnx_export:main", "a model of ours as ONNX"),
}


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in VERBS:
        for verb, (_, about) in VERBS.items():
            sys.stderr.write(f"{verb:14} {about}\n")
        return 2
    module, _, name = VERBS[arguments[0]][0].partition(":")
    try:
        work: Callable[[Sequence[str]], int] = getattr(importlib.import_module(module), name)
        return work(arguments[1:])
    except GatewayError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
