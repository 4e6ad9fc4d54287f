"""Every address of the API in one table; what is not marked open needs a session."""

from dataclasses import dataclass

from aiohttp.typedefs import Handler

from gateway.web.api import (
    accounts,
    authority,
    cameras,
    climate,
    devices,
    events,
    machine,
    models,
    people,
    session,
    settings,
    system,
    updates,
    uplink,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`path` is relative to /api/v1."""

    method: str
    path: str
    handler: Handler
    open: bool = False


ROUTES: tuple[Route, ...] = (
    Route(method="GET", path="/session", handler=session.show, open=True),
    Route(method="POST", path="/login", handler=session.login, open=True),
    Route(method="POST", path="/claim", handler=session.claim, open=True),
    Route(method="POST", path="/logout", handler=session.logout),
    Route(method="GET", path="/cameras", handler=cameras.listing),
    Route(method="GET", path="/cameras/{name}/live", handler=cameras.live),
    Route(method="GET", path="/cameras/{name}/frame.jpg", handler=cameras.frame),
    Route(method="GET", path="/cameras/{name}/mjpeg", handler=cameras.mjpeg),
    Route(method="GET", path="/events", handler=events.listing),
    Route(method="POST", path="/events/{id}/correction", handler=events.correct),
    Route(method="GET", path="/media/{name}", handler=events.media),
    Route(method="GET", path="/commands", handler=events.commands),
    Route(method="GET", path="/commands/{id}/why", handler=events.why),
    Route(method="GET", path="/people", handler=people.listing),
    Route(method="POST", path="/people", handler=people.enrol),
    Route(method="DELETE", path="/people/{id}", handler=people.delete),
    Route(method="GET", path="/devices", handler=devices.listing),
    Route(method="POST", path="/devices/{id}/command", handler=devices.command),
    Route(method="GET", path="/readings", handler=devices.readings),
    Route(method="GET", path="/climate", handler=climate.listing),
    Route(method="POST", path="/climate/{name}", handler=climate.ask),
    Route(method="GET", path="/climate/{name}/history", handler=climate.history),
    Route(method="GET", path="/uplink", handler=uplink.overview),
    Route(method="GET", path="/uplink/offers", handler=uplink.offers),
    Route(method="GET", path="/uplink/left", handler=uplink.left),
    Route(method="GET", path="/uplink/waiting/{stream}", handler=uplink.waiting),
    Route(method="GET", path="/settings", handler=settings.listing),
    Route(method="POST", path="/settings", handler=settings.change),
    Route(method="DELETE", path="/settings/{path}", handler=settings.release),
    Route(method="GET", path="/machine", handler=machine.show),
    Route(method="POST", path="/machine/install", handler=machine.install),
    Route(method="POST", path="/machine/look", handler=machine.look),
    Route(method="POST", path="/machine/reboot", handler=machine.reboot),
    Route(method="POST", path="/machine/back", handler=machine.go_back),
    Route(method="POST", path="/machine/reset", handler=machine.reset),
    Route(method="PUT", path="/machine/inbox/{name}", handler=machine.upload),
    Route(method="DELETE", path="/machine/inbox/{name}", handler=machine.drop),
    Route(method="GET", path="/accounts", handler=accounts.listing),
    Route(method="POST", path="/accounts", handler=accounts.add),
    Route(method="DELETE", path="/accounts/{name}", handler=accounts.remove),
    Route(method="GET", path="/authority", handler=authority.show),
    Route(method="GET", path="/authority.crt", handler=authority.save),
    Route(method="GET", path="/models", handler=models.listing),
    Route(method="GET", path="/states", handler=system.states),
    Route(method="GET", path="/counters", handler=system.counters),
    Route(method="GET", path="/doctor", handler=system.doctor),
    Route(method="GET", path="/updates", handler=updates.stream),
)
