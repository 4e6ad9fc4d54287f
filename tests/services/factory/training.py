"""A tiny network through the whole line: trained, pruned, distilled, quantised. Runs in the factory's own environment.

`python -m tests.services.factory.training FOLDER` leaves the three models there and prints what they are worth.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.factory.seeds import fix_seeds

Floats = npt.NDArray[np.float32]

KINDS = 3
SIDE = 16
BATCH = 32
LIGHT = (-4.0, 4.0)
"""The range that inputs are made for."""


def pictures(rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Bars that lie, stand or lean in noise, and one-hot which."""
    kinds = rng.integers(0, KINDS, count)
    y, x = np.mgrid[:SIDE, :SIDE]
    planes = np.stack([y, x, (x + y) / 2])[kinds]
    shift = rng.uniform(0, 6, (count, 1, 1))
    bars = np.sin(planes * 1.3 + shift) + rng.normal(0, 0.6, planes.shape)
    return bars[..., None].astype(np.float32), np.eye(KINDS, dtype=np.float32)[kinds]


def network(width: int) -> Any:
    import keras

    picture = keras.Input((SIDE, SIDE, 1), name="picture")
    x = picture
    for stride in (2, 1):
        x = keras.layers.Conv2D(width, 3, stride, "same", use_bias=False)(x)
        x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(x))
    y = keras.layers.DepthwiseConv2D(3, 1, "same")(x)
    x = keras.layers.Add()([x, keras.layers.Conv2D(width, 1)(y)])
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU(6.0)(x))
    return keras.Model(picture, keras.layers.Dense(KINDS, name="kind")(x))


def aged(data: bytes) -> bytes:
    """As an old converter would have written it: operators' codes in the old field only, no signature."""
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(data))
    for code in model.operatorCodes:
        code.deprecatedBuiltinCode, code.builtinCode = code.builtinCode, 0
    model.signatureDefs = []
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def main(folder: Path) -> None:
    rng = fix_seeds(7, threads=1)
    import keras

    from services.factory.distil import distil, soften
    from services.factory.prune import prune
    from services.factory.quantise import to_float, to_int8
    from services.factory.runner import Runner
    from services.factory.selective import int8_backbone

    seen, unseen = pictures(rng, 1024), pictures(rng, 400)
    hard = keras.losses.CategoricalCrossentropy(from_logits=True)

    def batches() -> Iterator[tuple[Floats, Floats]]:
        order = rng.permutation(len(seen[0]))
        for start in range(0, len(order), BATCH):
            yield seen[0][order[start : start + BATCH]], seen[1][order[start : start + BATCH]]

    def train(model: Any) -> None:
        model.compile(keras.optimizers.Adam(3e-3), hard)
        model.fit(*seen, batch_size=BATCH, epochs=4, verbose=0)

    def right(data: bytes) -> float:
        runner = Runner(data)
        answers = [int(np.argmax(runner.run(picture[None])[0])) for picture in unseen[0]]
        return float(np.mean(answers == np.argmax(unseen[1], axis=1)))

    teacher = network(16)
    train(teacher)
    smaller = prune(teacher, 0.5, train)
    student = network(4)
    lines: list[str] = []
    distil(teacher, student, batches, hard=hard, soft=soften(3.0), epochs=5, rate=3e-3, progress=lines.append)
    models = {"teacher": to_float(teacher), "pruned": to_float(smaller), "student": to_float(student)}
    models["int8"] = to_int8(smaller, seen[0][:100])
    models["heads"] = to_int8(smaller, seen[0][:100], keep_float_heads=True)
    cases = [[picture[None]] for picture in seen[0][:100]]
    models["aged"] = int8_backbone(aged(models["pruned"]), cases, inputs=LIGHT)
    models["roomy"] = int8_backbone(aged(models["pruned"]), cases, inputs=LIGHT, headroom=2)
    for name, data in models.items():
        (folder / f"{name}.tflite").write_bytes(data)
    told = {"right": {name: right(data) for name, data in models.items()}, "lines": lines}
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
