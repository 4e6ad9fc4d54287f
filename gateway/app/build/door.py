"""Where the page is reached, what it shows of itself, and who may make the gateway theirs."""

import asyncio
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

from gateway.app.build.base import Base
from gateway.app.sdlisten import handed_sockets
from gateway.config.secrets import read_token
from gateway.config.settings import PageTls, Settings
from gateway.errors import Refused
from gateway.page.written import States, states
from gateway.types import Level, State
from gateway.web.authority import Authority, authority_in
from gateway.web.listen import Handed
from gateway.web.tls import made_up_context, page_context, renew

PART = "page"
CERTIFICATE = PageTls(
    cert_file=Path("/etc/hearthgate/tls/gateway.crt"), key_file=Path("/etc/hearthgate/tls/gateway.key")
)
"""Made on the first start of an image."""
CLAIM_CODE = "claim-code"
CLAIMED = "claimed"
LOOK_S = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """`files` are what `tls` was made of, or will be once they are there."""

    handed: Handed | None
    tls: ssl.SSLContext | None = None
    files: PageTls | None = None
    seen: States = ()

    def authority(self) -> Authority | None:
        """As `WebParts.authority`."""
        return authority_in(self.files.cert_file) if self.files is not None else None

    async def keep_current(self, base: Base) -> None:
        """For ever: a certificate that was renewed is shown without a restart. One that cannot be used changes
        nothing, and the page says so."""
        seen = self.seen
        while self.tls is not None and self.files is not None:
            await base.clock.sleep(LOOK_S)
            now = await asyncio.to_thread(_seen, self.files)
            if now != seen:
                seen = now
                await _renew(self.tls, self.files, base)


def find_door(settings: Settings, base: Base) -> Door:
    """Never raises for a certificate that is missing or damaged: nobody is locked out, and the page says so."""
    handed, wanted = handed_sockets(), settings.web.tls
    if wanted == "off" or (wanted == "auto" and not (handed and handed.https)):
        return Door(handed=handed)
    files = CERTIFICATE if wanted == "auto" else wanted
    seen = _seen(files)
    try:
        tls = page_context(files.cert_file, files.key_file)
    except Refused as error:
        log.error("the page shows a certificate that was made up: %s", error)
        _tell(base, error)
        tls = made_up_context()
    return Door(handed=handed, tls=tls, files=files, seen=seen)


async def _renew(tls: ssl.SSLContext, files: PageTls, base: Base) -> None:
    try:
        await asyncio.to_thread(renew, tls, files.cert_file, files.key_file)
    except Refused as error:
        log.error("the page goes on with the certificate that it has: %s", error)
        _tell(base, error)
    else:
        log.info("the page shows a new certificate")
        base.board.report(State(part=PART, level=Level.OK, key="ok"))


def _tell(base: Base, error: Refused) -> None:
    base.board.report(State(part=PART, level=Level.DEGRADED, key=error.key, detail=str(error)))


def _seen(files: PageTls) -> States:
    return states((files.cert_file, files.key_file))


def given_code(settings: Settings) -> str | None:
    """The claim code that was made with the image or on its first start; None where one is to be drawn."""
    try:
        return read_token(CLAIM_CODE, settings.gateway.secrets_dir)
    except Refused as error:
        if error.key != "credential_missing":
            log.error("the claim code cannot be used: %s", error)
        return None


def note_owned(settings: Settings) -> None:
    """A file for who keeps the code where a person can read it: from now on it opens nothing."""
    try:
        (settings.gateway.data_dir / CLAIMED).touch()
    except OSError as error:
        log.warning("it could not be noted that the gateway has an owner: %s", error.strerror)
