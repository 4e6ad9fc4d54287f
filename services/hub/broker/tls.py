"""TLS towards the broker."""

import socket
import ssl
from typing import Any

from gateway.errors import Refused
from services.hub.config.settings import BrokerTls


def client_context(tls: BrokerTls) -> ssl.SSLContext:
    """TLS 1.2 or later; the broker's name and certificate are checked. Raises `Refused` ("tls_files")."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.ca_file is not None:
            # Since Python 3.13 authorities made by hand fail for a missing key identifier; 3.11 believes them.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if tls.cert_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file, password="")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise Refused("tls_files", reason=getattr(error, "strerror", None) or type(error).__name__) from error
    return context


class FreshContext(ssl.SSLContext):
    """For paho, which takes one context for all its connections: the files are read anew for each, so that a renewed
    certificate needs no restart. `trouble` is the key of why the last one could not be begun."""

    trouble: str | None
    _tls: BrokerTls

    def __new__(cls, tls: BrokerTls) -> "FreshContext":
        """Raises as `client_context` does."""
        client_context(tls)
        made = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        made.trouble, made._tls = None, tls
        return made

    def wrap_socket(self, sock: socket.socket, *given: Any, **named: Any) -> ssl.SSLSocket:
        """Raises `OSError` for files that cannot be used now: paho tries again."""
        try:
            context = client_context(self._tls)
        except Refused as error:
            self.trouble = error.key
            raise OSError(error.key) from error
        self.trouble = None
        return context.wrap_socket(sock, *given, **named)
