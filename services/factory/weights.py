"""What the factory starts from: models of this version, and the files they are made of."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from gateway.errors import Refused
from gateway.models import dlib_resnet, files
from gateway.models.fetch import Fetcher
from gateway.models.litert import LiteRtBackend
from gateway.perception.faces import FacePipeline
from gateway.seams import Backend
from gateway.wire.model_card import ModelCard, Origin
from services.factory.seeds import SEED


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What every verb that makes a model is told: where to put it, where the open sets lie, the seed."""

    out: Path
    data: Path
    seed: int


def order(verb: str, about: str | None, arguments: Sequence[str]) -> Order:
    """Reads the command line. Raises `Refused("no_open_sets")`: without them nothing could be gated."""
    parser = argparse.ArgumentParser(prog=f"services.factory {verb}", description=about)
    parser.add_argument("--out", type=Path, required=True, help="folder for the model and its report")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the open sets")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    if not given.data.is_dir():
        raise Refused("no_open_sets", folder=str(given.data), hint="nothing is made that cannot be measured")
    return Order(out=given.out, data=given.data, seed=given.seed)


def packaged(model: str) -> ModelCard:
    """The card of a model that comes with this version."""
    return ModelCard.model_validate_json((resources.files("gateway.models") / "cards" / f"{model}.json").read_bytes())


def source(model: str) -> bytes:
    """The published file that `model` is built from. Raises as `Fetcher.fetch` does."""
    origin = packaged(model).origin
    assert isinstance(origin, Origin), model
    return Fetcher().fetch(origin)


def pipeline(folder: Path) -> FacePipeline:
    """The face models as gateways run them, on the calling thread; their files are put into `folder`."""
    return FacePipeline(*(_loaded(model, folder) for model in ("blazeface_full", "blazeface_short", "dlib_resnet_v1")))


def _loaded(model: str, folder: Path) -> Backend:
    card, data = packaged(model), source(model)
    files.write(folder / card.file, dlib_resnet.build(data) if card.builder == "dlib_resnet" else data)
    backend = LiteRtBackend()
    backend.load(card, folder / card.file)
    return backend


def say(line: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
