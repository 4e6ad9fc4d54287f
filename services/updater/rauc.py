"""RAUC, over D-Bus: https://rauc.readthedocs.io/en/latest/reference.html#d-bus-api.

Nothing that it answers is relied upon but whether something was done: not which slot it thinks is primary or good, and
no enumeration of its own. Tested with RAUC 1.8 and 1.13.
"""

import asyncio
import contextlib
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from gateway.errors import Refused, Transient
from services.updater.bus import UNKNOWN_METHOD, Fault, call, get, system_bus
from services.updater.installer import Bundle, Mark, Progress, Which

NAME = "de.pengutronix.rauc"
_INSTALLER = "de.pengutronix.rauc.Installer"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_DBUS = "org.freedesktop.DBus"
_AWAY = {f"{_DBUS}.Error.{name}" for name in ("ServiceUnknown", "NameHasNoOwner", "NoReply", "TimedOut", "Timeout")}
_SPAWN = f"{_DBUS}.Error.Spawn."
_INSPECT_S = 120.0
"""A bundle's signature is checked over all of its file."""
_STALL_S = 900.0
"""The longest without any news from an installation."""


_HOOK = re.compile(r"Hook returned: '?([a-z_]{1,48}): ")
"""The bundle's own check names its reason first (image-build/rauc/install-check.sh)."""
_KEYS = {
    "compatible mismatch": "wrong_board",
    "invalid bundle format": "bundle_invalid",
    "exceeds bundle size": "bundle_invalid",
    "signature": "bundle_signature",
    "certificate": "bundle_signature",
    "no space left": "disk_full",
}
"""By what is in its texts; RAUC knows no numbers of errors."""


class Rauc:
    """See `installer.Installer`."""

    async def inspect(self, bundle: Path) -> Bundle:
        async with system_bus() as bus:
            with _in_our_words("bundle_invalid"):
                try:
                    return await _inspect(bus, bundle)
                except Fault as fault:
                    if fault.name != UNKNOWN_METHOD:
                        raise
                compatible, version = await call(bus, _message("Info", "s", str(bundle)), _INSPECT_S)
        return Bundle(compatible=str(compatible), version=str(version))

    async def install(self, bundle: Path, progress: Progress) -> None:
        async with system_bus() as bus:
            news = _News(bus, progress)
            await news.listen()
            with _in_our_words("install_failed"):
                if await _is_idle(bus):
                    await call(bus, _message("InstallBundle", "sa{sv}", str(bundle), {}))
                if await news.result():
                    told = str(await get(bus, NAME, "/", _INSTALLER, "LastError"))
                    raise Refused(_key_of(told, "install_failed"), detail=told)

    async def mark(self, mark: Mark, which: Which) -> None:
        async with system_bus() as bus:
            with _in_our_words("mark_refused"):
                await call(bus, _message("Mark", "ss", mark.value, which.value))


async def _inspect(bus: MessageBus, bundle: Path) -> Bundle:
    """Since RAUC 1.10."""
    [told] = await call(bus, _message("InspectBundle", "sa{sv}", str(bundle), {}), _INSPECT_S)
    update = _plain(told["update"])
    return Bundle(compatible=str(_plain(update["compatible"])), version=str(_plain(update["version"])))


def _plain(value: Any) -> Any:
    """RAUC wraps its variants twice."""
    while isinstance(value, Variant):
        value = value.value
    return value


async def _is_idle(bus: MessageBus) -> bool:
    return bool(await get(bus, NAME, "/", _INSTALLER, "Operation") == "idle")


class _News:
    """What RAUC tells while it installs."""

    def __init__(self, bus: MessageBus, progress: Progress) -> None:
        self._bus, self._progress = bus, progress
        self._queue: asyncio.Queue[int | Transient | None] = asyncio.Queue()

    async def listen(self) -> None:
        self._bus.add_message_handler(self._hear)
        for rule in (
            f"type='signal',sender='{NAME}',path='/'",
            f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg0='{NAME}'",
        ):
            await call(self._bus, _add_match(rule))

    async def result(self) -> int:
        """0 when it went well. Raises `Transient`: "install_stalled", "installer_away"."""
        while True:
            try:
                async with asyncio.timeout(_STALL_S):
                    news = await self._queue.get()
            except TimeoutError:
                raise Transient("install_stalled") from None
            if isinstance(news, Transient):
                raise news
            if news is not None:
                return news

    def _hear(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        with contextlib.suppress(LookupError, TypeError, ValueError):  # what we do not understand is no news
            self._queue.put_nowait(self._news(message.member, message.body))

    def _news(self, member: str | None, body: list[Any]) -> int | Transient | None:
        match member:
            case "Completed":
                return int(body[0])
            case "NameOwnerChanged" if body[0] == NAME and not body[2]:
                return Transient("installer_away", cause="it ended")
            case "PropertiesChanged" if "Progress" in body[1]:
                percentage, _told, _depth = body[1]["Progress"].value
                self._progress(min(max(percentage / 100, 0.0), 1.0))
        return None


def _message(member: str, signature: str, *body: object) -> Message:
    return Message(
        destination=NAME, path="/", interface=_INSTALLER, member=member, signature=signature, body=list(body)
    )


def _add_match(rule: str) -> Message:
    return Message(
        destination=_DBUS,
        path="/org/freedesktop/DBus",
        interface=_DBUS,
        member="AddMatch",
        signature="s",
        body=[rule],
    )


@contextmanager
def _in_our_words(key: str) -> Generator[None]:
    """A refusal is for `key`, where its text does not say more; an answer of another form is one too."""
    try:
        yield
    except Fault as fault:
        if fault.name in _AWAY or fault.name.startswith(_SPAWN):
            raise Transient("installer_away", cause=fault.text) from None
        raise Refused(_key_of(fault.text, key), detail=fault.text) from None
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Refused("installer_answer", detail=f"{type(error).__name__}: {error}") from None


def _key_of(text: str, otherwise: str) -> str:
    hook = _HOOK.search(text)
    if hook is not None:
        return hook[1]
    told = text.lower()
    for words, key in _KEYS.items():
        if words in told:
            return key
    return otherwise
