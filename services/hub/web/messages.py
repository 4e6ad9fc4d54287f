"""Error keys in words for people."""

from collections.abc import Mapping

SAYS = {
    "already_claimed": "This hub already has an admin. Please sign in.",
    "body_invalid": "Something in the form is missing or not as expected.",
    "body_not_json": "The request must be JSON.",
    "bundle_hash": "The file is not what its description says.",
    "bundle_invalid": "This is no bundle: {cause}",
    "bundle_other": "The bundle is another one than the plan says.",
    "bundle_too_large": "The bundle is too large.",
    "bundle_unknown": "The registry has no such bundle.",
    "campaign_stopped": "This campaign has been stopped for good.",
    "campaign_unknown": "There is no such campaign.",
    "channel_empty": "The channel before holds nothing.",
    "channel_first": "Into dev comes what is uploaded.",
    "claim_code_wrong": "That is not the code that the hub printed when it started.",
    "csrf_token_wrong": "The page is out of date. Please reload it.",
    "enrolment_expired": "This enrolment token has expired. Ask for a new one.",
    "enrolment_other_home": "This token is for the home {expected}. Set the gateway's id to that.",
    "enrolment_used": "This enrolment token has been used. If that was not you, tell the hub's operators.",
    "enrolment_wrong": "That is no enrolment token of this hub.",
    "gateway_id": "An id has lower case letters, digits, '_' and '-', at most 48 of them.",
    "disk_full": "The hub's disk is full.",
    "image_about_invalid": "What the image is for is missing or wrong: {place}",
    "invitation_unknown": "There is no open invitation for this home.",
    "key_known": "Another home is enrolled with this key.",
    "kind_unknown": "There is no such kind of summary.",
    "labels_invalid": "At most {most} labels; letters, digits, '_', '.' and '-' in both parts.",
    "last_admin": "Somebody must remain admin.",
    "login_needed": "Please sign in.",
    "login_wrong": "Name and password do not match.",
    "method_not_allowed": "That cannot be done here.",
    "model_serial_low": "The channel holds a later one.",
    "not_found": "There is nothing here.",
    "number_invalid": "'{name}' must be a whole number from 1 to {most}.",
    "operator_known": "There is somebody of this name.",
    "operator_name": "A name has letters, digits and '_.@-', at most 64 of them.",
    "operator_unknown": "There is nobody of this name.",
    "origin_wrong": "The request came from another site and was refused.",
    "password_like_user": "The password must not be the name.",
    "password_long": "The password may have {longest} characters at most.",
    "password_short": "The password needs at least {shortest} characters.",
    "password_simple": "The password repeats too few different characters.",
    "plan_invalid": "The plan cannot be used: {place}",
    "rank_needed": "That takes the rank of {rank}.",
    "request_invalid": "The certificate request cannot be used: PKCS #10 in PEM, EC P-256.",
    "share_invalid": "A share is a number from 0 to 1.",
    "shelf_unwritable": "The hub cannot write where it keeps bundles.",
    "store_busy": "The database is busy. Please try again.",
    "store_rejected": "The database cannot keep this.",
    "store_unreachable": "The database does not answer. Please try again.",
    "stream_unknown": "There is no such stream.",
    "time_invalid": "'{name}' must be a time with its zone, such as 2026-01-31T12:00:00Z.",
    "token_unknown": "There is no such token.",
    "token_wrong": "That is no token of this hub.",
    "too_large": "That is more than the hub accepts at once.",
    "too_many_attempts": "Too many attempts. Please wait {retry_after_s} seconds.",
    "unknown_gateway": "There is no such home.",
    "upload_broken": "The upload broke off. Please try again.",
    "wish_invalid": "That is no wish: plain JSON, no deeper than settings are.",
    "wish_too_large": "That is more than fits into one wish.",
}


def message_of(key: str, facts: Mapping[str, object]) -> str:
    """The sentence for a key; one without is spelt out, so that nothing ever reads as an empty error."""
    plain = key.replace("_", " ").capitalize() + "."
    try:
        return SAYS.get(key, plain).format_map(facts)
    except KeyError:  # a fact is missing: the plain key is better than half a sentence
        return plain
