"""Whether whoever came in may still be here: a home can be shown out, or get another gateway, meanwhile."""

import asyncio

from gateway.errors import Refused, Transient
from services.hub.door.contract import Claim, Gatekeeper
from services.hub.door.reasons import Broken, Reason

AGAIN_S = 600.0


class Proof:
    """Of a claim that was good when this was made."""

    def __init__(self, gatekeeper: Gatekeeper, claim: Claim, gateway: str) -> None:
        self._gatekeeper = gatekeeper
        self._claim = claim
        self._gateway = gateway
        self._greeted = False
        self._at = asyncio.get_running_loop().time()

    async def hold(self, *, hello: bool) -> None:
        """Before anything that comes is handled: every ten minutes, and for every `hello` after the first, with which a
        gateway that was replaced could push out its successor. Raises `Broken` ("credentials_wrong", "revoked"); where
        it cannot be told now, it is asked again next time."""
        now = asyncio.get_running_loop().time()
        if now - self._at < AGAIN_S and not (hello and self._greeted):
            self._greeted = self._greeted or hello
            return
        try:
            same = await self._gatekeeper.admit(self._claim) == self._gateway
        except Refused as error:
            raise Broken(error.key, Reason.NOT_AUTHORISED) from error
        except Transient:
            return
        if not same:
            raise Broken("credentials_wrong", Reason.NOT_AUTHORISED)
        self._at, self._greeted = now, self._greeted or hello
