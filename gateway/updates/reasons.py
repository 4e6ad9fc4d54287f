"""Why an update, an import or a start did not go well, in words for people. Each is the rest of a sentence that begins
with "because" or a colon."""

CHECKS = {
    "config": "The configuration can be read",
    "stages": "Every part has started and goes on",
    "store": "The database opens and takes what is written",
    "rules": "Rules come to decisions",
    "models": "Every model gives its known answers",
    "outbox": "What waits to leave the home can be kept",
    "page": "This page answers",
}
"""Of the health gate, as they read where they hold."""

REASONS = {
    # A check of the gate that fails.
    "config": "the configuration cannot be read",
    "stages": "a part has not started, or stands still",
    "store": "the database does not open, or takes nothing",
    "rules": "rules come to no decision",
    "models": "a model does not give its known answers",
    "outbox": "what waits to leave the home cannot be kept",
    "page": "the page does not answer from within",
    # A bundle, and the way to it.
    "already_installed": "this version runs already",
    "bundle_changed": "it was changed while it was read",
    "bundle_invalid": "it is damaged, or no bundle at all",
    "bundle_missing": "it is not there any more",
    "bundle_signature": "nobody that this gateway trusts has signed it",
    "bundle_too_large": "it is larger than any bundle may be",
    "bundle_unreadable": "it cannot be read",
    "bundle_version": "it does not say which version it is",
    "disk_full": "there is not enough room on the disk",
    "download_failed": "it could not be fetched",
    "download_insecure": "its address is not one of https, so that anybody on the way could answer",
    "download_too_large": "the list of releases is larger than any may be",
    "downgrade": "it is older than what runs",
    "hash_mismatch": "it is not what was announced",
    "index_invalid": "the list of releases cannot be read",
    "index_silent": "the list of releases could not be fetched in time",
    "index_without_board": "the list of releases has nothing for this kind of machine",
    "no_tryboot": "this board's kernel cannot try a version and come back",
    "no_version": "what runs does not say which version it is",
    "old_firmware": "the board starts with firmware that could not come back from a trial",
    "other_version": "something else than was written started from the other slot",
    "wrong_board": "it is for another kind of machine",
    # Installing and starting.
    "bus_away": "the system underneath does not answer",
    "fell_back": "the machine started the other version by itself, after two starts that were cut off or hung",
    "given_up": "it was given up by hand",
    "install_failed": "it could not be written",
    "install_stalled": "nothing was heard of its being written any more",
    "installer_answer": "what writes slots gave an answer that makes no sense",
    "installer_away": "what writes slots does not answer",
    "interrupted": "it was cut off again and again",
    "mark_refused": "it could not be chosen for the next start",
    "memory_unwritable": "the disk takes nothing that is written",
    "not_started": "the machine did not start it",
    "restart_refused": "the machine would not restart",
    "trial_cut_off": "the machine restarted before it was found well",
    # A start, as it looks from outside.
    "no_report": "the gateway did not come up",
    "page_silent": "the page did not answer",
    "service_inactive": "the gateway did not run",
    "service_restarted": "the gateway ended again and again",
    # What is asked of the updater.
    "name_other": "that is not the name of this machine",
    "request_invalid": "the updater does not know what was asked of it",
    # Files that were laid beside.
    "account_many": "there are as many accounts as there may be",
    "account_name": "an account has a plain name in lower case that is not the gateway's",
    "account_password": "the password of an account has 8 to 256 characters",
    "file_failed": "it could not be read, kept or erased",
    "file_irregular": "it is no plain file",
    "file_too_large": "it is too large",
    "key_invalid": "a line is no public key, or has options before it",
    "keys_none": "there is no public key in it",
    "network_form": "it is not in the form of NetworkManager",
    "network_name": "its name has other signs than letters, digits, space, _ . -",
    "network_password": "the password of a Wi-Fi has 8 to 63 characters",
    "network_ssid": "the name of the Wi-Fi is missing",
    "network_type": "connections of this kind are not taken in",
    "settings_invalid": "settings are wrong; those from before stay in force",
    "settings_secrets": "under credentials and mqtt_accounts each line is NAME: VALUE",
    "settings_text": "it is not UTF-8",
    "settings_timezone": "there is no such time zone",
    "settings_unchecked": "it could not be checked",
    "tool_failed": "a program of the system failed",
}


def because(key: str, detail: str | None = None) -> str:
    """`detail` is a line of the machine's own, or more keys with commas between. A key without a reason is spelt out,
    so that nothing ever reads as an empty one."""
    text = REASONS.get(key, key.replace("_", " "))
    if not detail:
        return text
    more = [REASONS.get(word, word) for word in detail.split(", ")]
    return f"{text} ({', '.join(more)})"
