"""How a home comes in: an invitation, then its gateway's key for the token of it, once."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.errors import Refused
from services.hub.auth import tokens
from services.hub.fleet.authority import Authority, Certified
from services.hub.store import audit, gateways
from services.hub.store import invitations as kept
from services.hub.store.database import Database, Session
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
    """The gateway's id, and its certificate. A token is used up by one key: that key gets its certificate again within
    the token's day, for the answer may have been lost; with another key nothing changes, and it is written down.
    Raises `Refused` ("enrolment_wrong", "enrolment_used", "enrolment_expired", "enrolment_other_home", "key_known")
    and `Invalid` ("request_invalid")."""
    digest = tokens.digest(token)
    async with database.transaction() as session:
        invitation = await kept.of_digest(session, digest)
        if invitation is None:
            raise Refused("enrolment_wrong")
        certified = authority.certify(request, invitation.gateway, at)
        again = await _is_again(session, invitation, certified, at)
        if invitation.used is None:
            await _let_in(session, invitation, certified, at)
        elif not again:
            await _note(session, invitation, certified, who="stranger", what="enrolment_reused", at=at)
    if invitation.used is not None and not again:  # told after the commit, which keeps what was written down
        kept.check(invitation, at)
    return invitation.gateway, certified


async def _is_again(session: Session, invitation: Invitation, certified: Certified, at: datetime) -> bool:
    if invitation.used is None or invitation.expires <= at:
        return False
    home = await gateways.home(session, invitation.gateway)
    return home is not None and home.revoked is None and home.enrolment.key_sha256 == certified.key_sha256


async def _let_in(session: Session, invitation: Invitation, certified: Certified, at: datetime) -> None:
    kept.check(invitation, at)
    await kept.let_in(session, invitation, certified.key_sha256, at)
    await _note(session, invitation, certified, who=invitation.gateway, what="home_enrolled", at=at)


async def _note(
    session: Session, invitation: Invitation, certified: Certified, *, who: str, what: str, at: datetime
) -> None:
    detail = {"key": certified.key_sha256[:16]}
    await audit.note(session, who=who, what=what, subject=invitation.gateway, at=at, detail=detail)
