"""The twin of the settings: a wish of the hub is checked like the file, kept, and reported on."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from gateway.config.layers import Layers, Origin
from gateway.config.load import file_values, load_settings
from gateway.config.settings import Settings
from gateway.errors import ConfigError, Invalid
from gateway.uplink.twin.allowed import forbidden, is_fixed
from gateway.uplink.twin.tellable import nested, tellable
from gateway.wire.merge import leaves, merged, stacked, without
from gateway.wire.uplink import Desired, Rejected, Reported

_MOST_REJECTED = 20


class Keep(Protocol):
    def __call__(self, layers: Layers, /) -> None:
        """Durable when it returns."""
        ...


class Twin:
    """A wish is taken whole or not at all. What people of the home set stays, whatever the hub wishes; of two wishes
    the higher version counts, so that what was wished while the link was down arrives as one. Methods read the file,
    and may be called from any thread."""

    def __init__(self, file: Path, layers: Layers, keep: Keep, changed: Callable[[], None]) -> None:
        """`changed` is called after what is in force has changed: the gateway then starts anew with it."""
        self.layers = layers
        self._file = file
        self._keep = keep
        self._changed = changed
        self._rejected: tuple[Rejected, ...] = ()
        self._looked_at = layers.hub_version
        self._lock = threading.Lock()

    @property
    def looked_at(self) -> int:
        """The version of the last wish, 0 before the first."""
        return self._looked_at

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """Why that wish was not taken; empty where it was, and after a restart."""
        return self._rejected

    def desire(self, wish: Desired) -> Reported:
        """What came of it; a wish that is not newer than the last one changes nothing."""
        with self._lock:
            if wish.version > self._looked_at:
                tried = replace(self.layers, hub_version=wish.version, hub=wish.patch)
                self._rejected = self._objections(wish.patch, tried)
                if not self._rejected:
                    self._adopt(tried)
                self._looked_at = wish.version
        return self.reported()

    def set(self, patch: Mapping[str, Any]) -> None:
        """People of the home say so; it wins from now on. Raises `ConfigError` where it cannot be, `Invalid`
        ("setting_fixed") where only the file decides, and changes nothing then."""
        fixed = [".".join(path) for path, _value in leaves(patch) if is_fixed(path)]
        if fixed:
            raise Invalid("setting_fixed", path=fixed[0])
        with self._lock:
            self._adopt(replace(self.layers, local=stacked(self.layers.local, patch)))

    def release(self, path: str) -> None:
        """What people said at `path` counts no more: hub and file decide again. Raises `Invalid` ("setting_unknown"),
        and `ConfigError` where the rest cannot be without it."""
        with self._lock:
            local = without(self.layers.local, tuple(path.split(".")))
            if local == dict(self.layers.local):
                raise Invalid("setting_unknown", path=path)
            self._adopt(replace(self.layers, local=local))

    def origins(self) -> dict[str, Origin]:
        """By dotted path, for the page."""
        return self.layers.origins(file_values(self._file))

    def values(self) -> dict[str, Any]:
        """What stands at each path of `origins`."""
        whole = merged(file_values(self._file), self.layers.patch)
        return {name: _at(whole, name.split(".")) for name in self.origins()}

    def reported(self) -> Reported:
        sources = self.origins()
        settings = load_settings(self._file, self.layers)
        told = {path: value for path, value in tellable(settings) if _decided(path, sources)}
        return Reported(
            version=self._looked_at,
            sources={".".join(path): (_decided(path, sources) or Origin.FILE).value for path in told},
            settings=nested(told),
            rejected=self._rejected,
        )

    def _objections(self, patch: Mapping[str, Any], tried: Layers) -> tuple[Rejected, ...]:
        paths = forbidden(patch)
        if paths:
            return tuple(Rejected(path=path[:200], key="setting_local") for path in paths[:_MOST_REJECTED])
        try:
            load_settings(self._file, tried)
        except ConfigError as error:
            return tuple(
                Rejected(path=problem.path[:200], key="setting_invalid") for problem in error.problems[:_MOST_REJECTED]
            )
        return ()

    def _adopt(self, layers: Layers) -> None:
        """Raises what loading with `layers` and keeping them raise, and nothing has changed then."""
        before, after = load_settings(self._file, self.layers), load_settings(self._file, layers)
        self._keep(layers)
        self.layers = layers
        if before != after:
            self._changed()


def in_force(file: Path, layers: Layers) -> tuple[Settings, Layers]:
    """The settings and the layers that count: where a layer no longer fits the file, which people have edited since,
    the file alone. Raises `ConfigError` for the file itself."""
    try:
        return load_settings(file, layers), layers
    except ConfigError:
        return load_settings(file), Layers(hub_version=layers.hub_version)


def _at(whole: Any, path: Sequence[str]) -> Any:
    """None where a layer took it away."""
    for key in path:
        whole = whole.get(key) if isinstance(whole, Mapping) else None
    return whole


def _decided(path: tuple[str, ...], sources: Mapping[str, Origin]) -> Origin | None:
    """By whom, also where a whole section was decided at once."""
    names = (".".join(path[:end]) for end in range(len(path), 0, -1))
    return next((sources[name] for name in names if name in sources), None)
