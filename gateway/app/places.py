"""Where things lie when nobody says otherwise."""

import os
from pathlib import Path

from gateway.app.cli_parser import SYSTEM_CONFIG
from gateway.config.load import load_settings
from gateway.config.salvage import salvage
from gateway.config.settings import Settings
from gateway.errors import ConfigError, Problem, Refused
from gateway.models.bundle.sealing import AesGcmSealer
from gateway.models.bundle.trust import Trust
from gateway.models.packaged import default_folder, packaged_cards
from gateway.models.registry import ModelRegistry
from gateway.models.store.objects import Sealer
from gateway.models.store.shelf import Shelf
from gateway.models.store.store import ModelStore
from gateway.wire.update import SOCKET

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


def updater_socket() -> Path:
    """HEARTHGATE_UPDATER_SOCKET, else where an image's updater listens."""
    return Path(os.environ.get("HEARTHGATE_UPDATER_SOCKET") or SOCKET)


def registry(folder: Path | None = None, offline: Path | None = None, store: ModelStore | None = None) -> ModelRegistry:
    """The models of this machine; `offline` is a folder of ready files for machines without a network. Without a
    `store` only the packaged ones."""
    return ModelRegistry(folder or models_folder(), offline=offline or default_folder(), store=store)


def trust(settings: Settings) -> Trust:
    """Whose bundles these settings, and the key changes that were taken in since, trust."""
    return Trust(settings.models.trusted_keys, folder_of(settings) / "trust")


def store(settings: Settings) -> ModelStore:
    """Where bundles are taken in and served from. Opens nothing yet."""
    return ModelStore(Shelf(folder_of(settings), trust(settings), packaged_cards(), _sealer(settings)))


def folder_of(settings: Settings) -> Path:
    return settings.models.directory or models_folder()


def placed(settings: Settings) -> Settings:
    """The settings with a models folder: the one they name, or this machine's."""
    if settings.models.directory is not None:
        return settings
    return settings.model_copy(update={"models": settings.models.model_copy(update={"directory": models_folder()})})


def known_settings(given: Path | None) -> tuple[Settings, tuple[Problem, ...]]:
    """Of the file given, or the system's; the defaults where there is none, and of a broken one what can be kept and
    what is wrong with it."""
    file = given or (SYSTEM_CONFIG if SYSTEM_CONFIG.is_file() else None)
    if file is None:
        return placed(Settings()), ()
    try:
        return placed(load_settings(file)), ()
    except ConfigError as error:
        return placed(salvage(file)), error.problems


class _NoKey:
    """Stands for a sealer whose credential cannot be read: nothing is written openly instead."""

    def __init__(self, cause: Refused) -> None:
        self._cause = str(cause)

    def seal(self, data: bytes, name: str) -> bytes:
        return self.unseal(data, name)

    def unseal(self, _data: bytes, name: str) -> bytes:
        raise Refused("model_sealed", file=name, cause=self._cause)


def _sealer(settings: Settings) -> Sealer | None:
    name = settings.models.seal_credential
    if name is None:
        return None
    try:
        return AesGcmSealer.from_credential(name, settings.gateway.secrets_dir)
    except Refused as error:
        return _NoKey(error)
