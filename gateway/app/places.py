"""Where things lie when nobody says otherwise."""

import os
from pathlib import Path

from gateway.config.settings import Models, Settings
from gateway.models.registry import ModelRegistry, default_folder

SYSTEM_STATE = Path("/var/lib/hearthgate")


def data_home() -> Path:
    """A person's own data: $XDG_DATA_HOME/hearthgate (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "hearthgate"


def models_folder() -> Path:
    """HEARTHGATE_MODEL_DIR, else below the service's state where this machine has one that we may write to (the
    service and its user), else the person's own: the command line and the daemon look in the same place."""
    given = os.environ.get("HEARTHGATE_MODEL_DIR")
    if given:
        return Path(given)
    home = SYSTEM_STATE if os.access(SYSTEM_STATE, os.W_OK | os.X_OK) else data_home()
    return home / "models"


def registry(folder: Path | None = None, offline: Path | None = None) -> ModelRegistry:
    """The models of this machine; `offline` is a folder of ready files for machines without a network."""
    return ModelRegistry(folder or models_folder(), offline=offline or default_folder())


def placed(settings: Settings) -> Settings:
    """The settings with a models folder: the one they name, or this machine's."""
    if settings.models.directory is not None:
        return settings
    return settings.model_copy(update={"models": Models(directory=models_folder())})
