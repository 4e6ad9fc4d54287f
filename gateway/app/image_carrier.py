"""Images that a hub offers: handed to the updater, and believed only once it has confirmed them."""

from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.clock import Clock
from gateway.updates.client import Updater
from gateway.uplink.campaign.carriers import Look
from gateway.wire.summary import UpdateState
from gateway.wire.update import GoBack, Install, Machine, Origin, Request, Status, Step
from gateway.wire.uplink import ImageTarget, Target

ASK_EVERY_S = 5.0
_LATER = frozenset({"busy", "on_trial", "download_failed", "disk_full", "installer_away", "bus_away"})
"""What may be otherwise another time, or with the fresh link that a hub sends where one has expired."""
_GOES_ON = frozenset({UpdateState.DOWNLOADING, UpdateState.INSTALLED, UpdateState.TRYING})
_BEGUN = _GOES_ON | {UpdateState.CONFIRMED, UpdateState.ROLLED_BACK}


class ImageCarrier:
    """A `gateway.uplink.campaign.carriers.Carrier`. What is installed is started by `gateway.updates.stage`, when the
    settings say so. The mark is the campaign's number, which the updater remembers over every restart."""

    def __init__(self, updater: Updater, clock: Clock) -> None:
        self._updater = updater
        self._clock = clock

    async def begin(self, target: Target, campaign: int) -> str:
        """Returns once it is on the other slot, or runs here already. Raises `Refused("image_unsupported")`,
        "bundle_other" where the bundle holds another version, and what the updater has against it."""
        assert isinstance(target, ImageTarget)
        machine = await self._status()
        if machine.version == target.version and machine.confirmed:
            return str(campaign)
        if machine.campaign != campaign or machine.state not in _BEGUN:
            machine = await self._ask(
                Install(origin=Origin.HUB, url=target.url, sha256=target.sha256, campaign=campaign)
            )
        while machine.state is UpdateState.DOWNLOADING:
            await self._clock.sleep(ASK_EVERY_S)
            machine = await self._status()
        await self._check(machine, target, campaign)
        return str(campaign)

    async def look(self, target: Target, mark: str) -> Look:
        """Somebody who installed another image by hand has overtaken the campaign."""
        assert isinstance(target, ImageTarget)
        machine = await self._status()
        runs = machine.version == target.version and machine.confirmed
        if runs and (machine.state is UpdateState.CONFIRMED or str(machine.campaign) != mark):
            return Look(state=UpdateState.CONFIRMED)
        if str(machine.campaign) != mark or machine.state in {UpdateState.CONFIRMED, UpdateState.IDLE}:
            return Look(state=UpdateState.FAILED, key="image_overtaken")
        return Look(state=machine.state, key=None if machine.state in _GOES_ON else machine.key)

    async def take_back(self, target: Target, mark: str | None) -> bool:
        """What a person has installed since stays."""
        assert isinstance(target, ImageTarget)
        machine = await self._status()
        if machine.origin is Origin.BACK and machine.state in _GOES_ON:
            return False
        if machine.origin is not Origin.HUB or mark not in {None, str(machine.campaign)}:
            return True
        if machine.state is UpdateState.INSTALLED or machine.step is Step.FETCHING:
            await self._ask(GoBack())
            return True
        if machine.state in _GOES_ON:
            return False
        if machine.version != target.version:
            return True
        await self._ask(GoBack())
        return False

    async def _check(self, machine: Machine, target: ImageTarget, campaign: int) -> None:
        if machine.campaign != campaign:
            raise Refused("image_overtaken")
        if machine.state is UpdateState.FAILED:
            key = machine.key or "image_failed"
            raise (Transient if key in _LATER else Refused)(key, detail=machine.detail or "")
        if machine.state is UpdateState.INSTALLED and machine.target != target.version:
            await self._ask(GoBack())
            raise Refused("bundle_other", version=machine.target)

    async def _status(self) -> Machine:
        """Raises `Refused("image_unsupported")` where there is nothing to update."""
        machine = await self._ask(Status())
        if machine.slot is None:
            raise Refused("image_unsupported")
        return machine

    async def _ask(self, request: Request) -> Machine:
        try:
            return await self._updater.ask(request)
        except Refused as error:
            if error.key == "updater_absent":
                raise Refused("image_unsupported") from None
            raise _as_weather(error) from None


def _as_weather(error: Refused) -> GatewayError:
    return Transient(error.key, cause=str(error)) if error.key in _LATER else error
