"""Are the models there that this configuration needs? Their hashes are checked by `hearthgate models verify`."""

from importlib.resources import files
from pathlib import Path

from gateway.config.settings import Settings
from gateway.health.finding import Finding, fail, ok
from gateway.wire.model_card import ModelCard

WORRY = "models"
NEEDED = ("blazeface_full", "dlib_resnet_v1")


def check_models(settings: Settings) -> list[Finding]:
    if not any(camera.faces for camera in settings.cameras):
        return [ok(WORRY, "none needed: no camera looks at faces", "models_not_needed")]
    findings = [_model(settings, name) for name in NEEDED]
    return [one for one in findings if one is not None] or [ok(WORRY, f"{', '.join(NEEDED)} are there")]


def _model(settings: Settings, name: str) -> Finding | None:
    card = ModelCard.model_validate_json(
        files("gateway").joinpath("models", "cards", f"{name}.json").read_text("utf-8")
    )
    path = _place(settings.models_dir, card)
    if path is None:
        return fail(WORRY, "model_missing", f"{name} is not in {settings.models_dir}", "hearthgate models pull")
    held = path.stat().st_size
    if held != card.bytes:
        message = f"{path.name} has {held} bytes instead of {card.bytes}"
        return fail(WORRY, "model_truncated", message, "hearthgate models pull")
    return None


def _place(folder: Path, card: ModelCard) -> Path | None:
    """Under its hash, or under its name, as earlier versions kept it."""
    places = (folder / "objects" / card.sha256, folder / card.file)
    return next((place for place in places if place.is_file()), None)
