"""TLS towards a broker: whom to believe and whom to say we are, from files."""

import ssl
import stat
from pathlib import Path

from gateway.config.uplink import Tls
from gateway.errors import Refused


class _Socket(ssl.SSLSocket):
    """paho leaves a socket open whose handshake fails."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:  # whatever ended it, the socket goes
            self.close()
            raise


def client_context(tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 or later; host name and certificate of the other side are checked. Reads files, so not for the loop.

    Read anew for every connection, so that a renewed certificate needs no restart. Raises `Refused`
    ("tls_file_missing", "tls_file_unreadable", "tls_file_invalid", "tls_key_mode") with the setting's name.
    """
    context = ssl.create_default_context()
    if tls.ca_file is not None:
        context = ssl.create_default_context(cafile=_readable("ca_file", tls.ca_file))
        # Since Python 3.13 authorities made by hand fail for a missing key identifier; 3.11 believes them.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.sslsocket_class = _Socket
    if tls.cert_file is not None and tls.key_file is not None:
        _show(context, tls.cert_file, tls.key_file)
    return context


def _show(context: ssl.SSLContext, cert: Path, key: Path) -> None:
    if stat.S_IMODE(Path(_readable("key_file", key)).stat().st_mode) & 0o007:
        raise Refused("tls_key_mode", setting="key_file", expected="0600")
    try:
        context.load_cert_chain(_readable("cert_file", cert), key, password=_no_password)
    except (ssl.SSLError, ValueError):
        raise Refused("tls_file_invalid", setting="cert_file, key_file") from None


def _no_password() -> str:
    """OpenSSL would ask on the terminal, and wait."""
    return ""


def _readable(setting: str, file: Path) -> str:
    try:
        with file.open("rb") as opened:
            first = opened.read(64 * 1024)
    except FileNotFoundError:
        raise Refused("tls_file_missing", setting=setting) from None
    except OSError as error:
        raise Refused("tls_file_unreadable", setting=setting, reason=error.strerror or "unknown") from None
    if b"-----BEGIN " not in first:
        raise Refused("tls_file_invalid", setting=setting)
    return str(file)
