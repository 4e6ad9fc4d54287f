"""Every address in one table, and what rank it takes."""

from dataclasses import dataclass

from aiohttp.typedefs import Handler

from services.hub.store.operators import Rank
from services.hub.web.api import bundles, campaigns, enrolment, homes, people, records, session, telemetry, twins


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`path` is relative to /api/v1. `rank` None: open to everybody."""

    method: str
    path: str
    handler: Handler
    rank: Rank | None = Rank.VIEWER


ROUTES: tuple[Route, ...] = (
    Route(method="GET", path="/session", handler=session.show, rank=None),
    Route(method="POST", path="/login", handler=session.login, rank=None),
    Route(method="POST", path="/claim", handler=session.claim, rank=None),
    Route(method="POST", path="/logout", handler=session.logout),
    Route(method="POST", path="/password", handler=session.password),
    Route(method="GET", path="/homes", handler=homes.listing),
    Route(method="GET", path="/homes/{id}", handler=homes.one),
    Route(method="GET", path="/homes/{id}/rows", handler=telemetry.rows),
    Route(method="GET", path="/homes/{id}/days", handler=telemetry.days),
    Route(method="PUT", path="/homes/{id}/labels", handler=homes.label, rank=Rank.OPERATOR),
    Route(method="POST", path="/homes/{id}/revoke", handler=homes.revoke, rank=Rank.OPERATOR),
    Route(method="POST", path="/homes/{id}/release", handler=homes.release, rank=Rank.OPERATOR),
    Route(method="GET", path="/homes/{id}/twin", handler=twins.one),
    Route(method="PATCH", path="/homes/{id}/twin", handler=twins.wish, rank=Rank.OPERATOR),
    Route(method="PUT", path="/homes/{id}/twin", handler=twins.replace, rank=Rank.OPERATOR),
    Route(method="POST", path="/wishes", handler=twins.wish_of_many, rank=Rank.OPERATOR),
    Route(method="GET", path="/groups", handler=homes.groups),
    Route(method="GET", path="/alerts", handler=records.alerts),
    Route(method="GET", path="/campaigns", handler=campaigns.listing),
    Route(method="POST", path="/campaigns", handler=campaigns.begin, rank=Rank.OPERATOR),
    Route(method="GET", path="/campaigns/{number}", handler=campaigns.one),
    Route(method="GET", path="/campaigns/{number}/homes", handler=campaigns.homes),
    Route(method="POST", path="/campaigns/{number}/pause", handler=campaigns.pause, rank=Rank.OPERATOR),
    Route(method="POST", path="/campaigns/{number}/resume", handler=campaigns.resume, rank=Rank.OPERATOR),
    Route(method="POST", path="/campaigns/{number}/stop", handler=campaigns.stop, rank=Rank.OPERATOR),
    Route(method="GET", path="/models", handler=bundles.models),
    Route(method="POST", path="/models", handler=bundles.add_model, rank=Rank.OPERATOR),
    Route(method="POST", path="/models/{name}/promote", handler=bundles.promote_model, rank=Rank.OPERATOR),
    Route(method="GET", path="/images", handler=bundles.images),
    Route(method="POST", path="/images", handler=bundles.add_image, rank=Rank.OPERATOR),
    Route(method="POST", path="/images/{name}/promote", handler=bundles.promote_image, rank=Rank.OPERATOR),
    Route(method="DELETE", path="/bundles/{sha256}", handler=bundles.remove, rank=Rank.OPERATOR),
    Route(method="GET", path="/audit", handler=records.deeds, rank=Rank.OPERATOR),
    Route(method="GET", path="/invitations", handler=enrolment.invitations, rank=Rank.OPERATOR),
    Route(method="POST", path="/invitations", handler=enrolment.add, rank=Rank.OPERATOR),
    Route(method="DELETE", path="/invitations/{id}", handler=enrolment.take_back, rank=Rank.OPERATOR),
    Route(method="GET", path="/operators", handler=people.operators, rank=Rank.ADMIN),
    Route(method="POST", path="/operators", handler=people.add_operator, rank=Rank.ADMIN),
    Route(method="PATCH", path="/operators/{name}", handler=people.change_operator, rank=Rank.ADMIN),
    Route(method="DELETE", path="/operators/{name}", handler=people.remove_operator, rank=Rank.ADMIN),
    Route(method="GET", path="/tokens", handler=people.tokens, rank=Rank.ADMIN),
    Route(method="POST", path="/tokens", handler=people.add_token, rank=Rank.ADMIN),
    Route(method="DELETE", path="/tokens/{token}", handler=people.remove_token, rank=Rank.ADMIN),
)
