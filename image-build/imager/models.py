"""The default models, baked in: they lie where this distribution keeps its own, so that no network is ever needed."""

import sys
from pathlib import Path

from gateway.models.packaged import Packaged, packaged_cards
from gateway.wire.model_card import Origin
from imager.shell import run, step
from imager.tree import copy_file

_WEIGHTS = "gateway/models/weights"


def bake(cache: Path, packages: Path) -> None:
    """Into the site-packages of the image. Made once a cache, by the very command that a person would use."""
    folder = cache / "models"
    with step("models"):
        run(
            *(sys.executable, "-c", "import sys; from gateway.app.cli import main; sys.exit(main())", "models", "pull"),
            env={"HEARTHGATE_MODEL_DIR": str(folder)},
        )
        known = Packaged(folder)
        for card in packaged_cards().values():
            if isinstance(card.origin, Origin) and not card.optional:
                copy_file(known.path(card.main), packages / _WEIGHTS / card.file)
