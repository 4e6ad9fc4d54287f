"""The daemon and the updater look in the same places."""

from pathlib import Path

from gateway.app.build import updates
from gateway.app.places import updater_socket
from gateway.config.settings import Settings
from gateway.wire.update import INBOX, SOCKET


def test_the_inbox_is_where_the_updater_looks() -> None:
    assert Settings().gateway.data_dir / updates.INBOX == Path(INBOX)


def test_so_is_the_socket() -> None:
    assert updater_socket() == Path(SOCKET)
