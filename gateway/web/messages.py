"""Error keys in words for people; the page, the API and doctor say the same."""

from collections.abc import Mapping

from gateway.updates.reasons import REASONS, because

_SAYS = {
    "account_name": "A name has 1 to 63 small letters, digits, - and _, and is not the gateway's own.",
    "account_pending": "The machine did not look at it in time. Please try again.",
    "account_unknown": "There is no such account.",
    "accounts_absent": "Accounts are made where the broker of this house is set up.",
    "already_claimed": "This gateway already has an owner. Please sign in.",
    "body_invalid": "Something in the form is missing or not as expected.",
    "body_not_json": "The request must be JSON.",
    "bundle_missing": "That bundle is not there any more.",
    "bundle_name": "A bundle has a name of plain letters that ends in .raucb.",
    "bundle_too_large": "A bundle may have {most_mb} MB at most.",
    "busy": "Another update is under way.",
    "camera_no_picture": "There is no picture from this camera yet.",
    "claim_code_wrong": "That is not the code that the gateway printed when it started.",
    "consent_missing": "Please confirm that this person agreed to be recognised.",
    "csrf_token_wrong": "The page is out of date. Please reload it.",
    "device_unknown": "There is no such device.",
    "event_unknown": "There is no such event any more.",
    "hours_invalid": "The hours must be a number from {least} to {most}.",
    "limit_invalid": "The limit must be a number from {least} to {most}.",
    "login_needed": "Please sign in.",
    "login_wrong": "User name and password do not match.",
    "method_not_allowed": "That cannot be done here.",
    "name_invalid": "A name has 1 to 64 characters and no control characters.",
    "no_index": "No list of releases is named in the settings (updates.index).",
    "no_slots": "This installation is updated in another way than by bundles.",
    "not_found": "There is nothing here.",
    "nothing_newer": "The list of releases has nothing newer.",
    "nothing_asked": "Please choose a mode, a preset or a temperature.",
    "number_invalid": "The place to go on from must be a number.",
    "on_trial": "The version that runs has to be found well first.",
    "origin_wrong": "The request came from another site and was refused.",
    "other_slot_bad": "There is no version in the other slot that was ever found well.",
    "page_certificate": "The certificate of this page cannot be used: {reason}.",
    "part_off": "This part is switched off on this gateway.",
    "password_like_user": "The password must not be the user name.",
    "password_long": "The password may have {longest} characters at most.",
    "password_short": "The password needs at least {shortest} characters.",
    "password_simple": "The password repeats too few different characters.",
    "photo_too_large": "A photo may have {most_mb} MB at most.",
    "photos_missing": "Please add at least one photo.",
    "reset_unsure": "Please type the name of this machine: {name}",
    "setting_fixed": "Only the configuration file decides {path}.",
    "setting_unknown": "Nothing was decided here about that.",
    "settings_wrong": "That cannot be: {problems}",
    "stream_unknown": "There is no such stream.",
    "token_wrong": "That is not the token for the metrics of this gateway.",
    "too_large": "That is more than the gateway accepts at once.",
    "too_many_attempts": "Too many attempts. Please wait {retry_after_s} seconds.",
    "too_many_photos": "Please choose {most} photos at most.",
    "too_many_sockets": "This session has too many live connections open.",
    "updater_absent": "There is no updater on this machine.",
    "updater_answer": "The updater gave an answer that makes no sense.",
    "updater_away": "The updater does not answer.",
    "upload_failed": "It could not be kept: {reason}",
    "upload_no_room": "There is not enough room: {needed_mb} MB are needed, {free_mb} MB are free.",
    "upload_piece": "That piece is no part of the bundle.",
    "upload_place": "The upload goes on from byte {have}.",
    "user_invalid": "A user name has 1 to {longest} characters and no control characters.",
}


def message_of(key: str, facts: Mapping[str, object]) -> str:
    """The sentence for a key; a key without one is spelt out, so nothing ever reads as an empty error."""
    says = _SAYS.get(key)
    if says is None:
        return _sentence(because(key, str(facts.get("detail", "")) if key in REASONS else None))
    try:
        return says.format_map(facts)
    except KeyError:  # a fact is missing: less is better than half a sentence
        return _sentence(because(key))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
