"""The hub's side of TLS."""

import ssl
from pathlib import Path

from gateway.errors import Refused


def server_context(*, cert_file: Path, key_file: Path, ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 and later. With `ca_file` a certificate that a client shows must come from there; whoever shows none
    needs a token. Raises `Refused` ("tls_files")."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert_file, key_file)
        if ca_file is not None:
            context.load_verify_locations(ca_file)
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ssl.SSLError) as error:
        raise Refused("tls_files", reason=error.strerror or type(error).__name__) from error
    return context
