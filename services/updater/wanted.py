"""What somebody wants to be installed, as the attempt that it becomes."""

from gateway.errors import Refused
from gateway.wire.update import Install, Origin, Slot
from services.updater.memory import Attempt, Memory, other_than


def attempt_of(request: Install, here: Slot, memory: Memory) -> Attempt:
    """Raises `Refused`: "request_invalid", "nothing_newer"."""
    url, sha256 = request.url, request.sha256
    if request.origin is Origin.INDEX and url is None:
        if memory.newest is None:
            raise Refused("nothing_newer")
        url, sha256 = memory.newest.url, memory.newest.sha256
    file = request.origin in {Origin.UPLOAD, Origin.STICK}
    if file != (request.name is not None) or file == (url is not None) or (url is not None and sha256 is None):
        raise Refused("request_invalid")
    return Attempt(
        origin=request.origin,
        name=request.name,
        url=url,
        sha256=sha256,
        campaign=request.campaign,
        came_from=here,
        slot=other_than(here),
    )
