"""Are the models there that this configuration needs? Their hashes are checked by `hearthgate models verify`."""

from importlib.resources import files

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
    path = settings.models_dir / card.file
    if not path.is_file():
        return fail(WORRY, "model_missing", f"{name} is not in {settings.models_dir}", "hearthgate models pull")
    held = path.stat().st_size
    if card.bytes is not None and held != card.bytes:
        message = f"{card.file} has {held} bytes instead of {card.bytes}"
        return fail(WORRY, "model_truncated", message, "hearthgate models pull")
    return None
