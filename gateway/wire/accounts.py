"""Between the daemon and root of one machine: who may speak to the machine's broker.

The daemon lays one wish at a time into a folder of its own; root, which alone writes the broker's files, is started for
it, grants or refuses it, takes it away and tells what there is now. No password is ever on the disk, only what
Mosquitto keeps of one.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.wire.update import Key

FOLDER = "accounts"
"""Within the data directory: the daemon's, made by root."""
WISH = "wanted.json"
GRANTED = "/etc/hearthgate/accounts.json"
MOST_BYTES = 4096

ClientName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Digest = Annotated[str, Field(pattern=r"^\$7\$[0-9]{1,7}\$[A-Za-z0-9+/=]{4,64}\$[A-Za-z0-9+/=]{16,128}$")]
"""As mosquitto_passwd(1) writes it: PBKDF2-SHA512, iterations, salt and hash in Base64."""
WishId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wish(_Record):
    """`name` is to have this password, or with None no account any more."""

    id: WishId
    name: ClientName
    digest: Digest | None = Field(default=None, repr=False)


class Granted(_Record):
    """`names` of devices, without the gateway's own; `last` the wish that was looked at last, and `key` why it was
    refused."""

    names: tuple[ClientName, ...] = ()
    last: WishId | None = None
    key: Key | None = None
