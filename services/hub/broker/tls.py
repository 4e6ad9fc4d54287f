"""TLS towards the broker."""

import ssl

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
