"""How a home comes in: an invitation, then its gateway's key for the token of it, once."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.errors import Refused
from services.hub.auth import tokens
from services.hub.fleet.authority import Authority, Certified
from services.hub.store import audit
from services.hub.store import invitations as kept
from services.hub.store.database import Database
from services.hub.store.invitations import Invitation

VALID = timedelta(hours=24)


async def invite(database: Database, gateway: str, labels: Mapping[str, str], *, by: str, at: datetime) -> str:
    """The token, which is kept nowhere. An earlier one for this home ends; a home that is enrolled stays so until its
    new gateway comes. Raises `Invalid` ("labels_invalid")."""
    token = tokens.fresh()
    invitation = Invitation(gateway=gateway, created=at, expires=at + VALID, labels=labels)
    async with database.transaction() as session:
        await kept.invite(session, invitation, tokens.digest(token))
        await audit.note(session, who=by, what="home_invited", subject=gateway, at=at, detail=labels)
    return token


async def enrol(
    database: Database, authority: Authority, *, token: str, request: str, at: datetime
) -> tuple[str, Certified]:
    """The gateway's id, and its certificate. A second use of the token changes nothing, is written down and refused.
    Raises `Refused` ("enrolment_wrong", "enrolment_used", "enrolment_expired", "key_known") and `Invalid`
    ("request_invalid")."""
    digest = tokens.digest(token)
    try:
        async with database.transaction() as session:
            invitation = await kept.expected(session, digest, at)
            certified = authority.certify(request, invitation.gateway, at)
            await kept.let_in(session, invitation, certified.key_sha256, at)
            detail = {"key": certified.key_sha256[:16]}
            await audit.note(
                session, who=invitation.gateway, what="home_enrolled", subject=invitation.gateway, at=at, detail=detail
            )
            return invitation.gateway, certified
    except Refused as error:
        if error.key == "enrolment_used":
            await _tell(database, digest, at)
        raise


async def _tell(database: Database, digest: str, at: datetime) -> None:
    """Somebody else may have had the token first: whoever sees the audit ought to know."""
    async with database.transaction() as session:
        invitation = await kept.of_digest(session, digest)
        if invitation is not None:
            await audit.note(session, who="stranger", what="enrolment_reused", subject=invitation.gateway, at=at)
