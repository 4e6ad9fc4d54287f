"""Where the hub's pages are, and when homes are worth a look."""

import ipaddress
from typing import Annotated, Self

from pydantic import Field, HttpUrl, model_validator

from gateway.config.base import Credential, FilePath, Port, Strict, wrong

Minutes = Annotated[float, Field(ge=1, le=100_000)]


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class WebTls(Strict):
    cert_file: FilePath
    key_file: FilePath
    """Of mode 0600."""


class WebSettings(Strict):
    """Pages, API and the door for new gateways; of several hubs on one database one has them."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$")] = "127.0.0.1"
    port: Port = 8443
    tls: WebTls | None = None
    url: HttpUrl | None = None
    """How homes reach this, where they fetch models from; left out, by host and port."""

    @property
    def reached_at(self) -> str:
        if self.url is not None:
            return str(self.url).rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.tls is None else 'https'}://{host}:{self.port}"

    @model_validator(mode="after")
    def _secret(self) -> Self:
        if self.tls is None and not is_loopback(self.host):
            raise wrong("without tls listens on this machine only", "give tls, or host: 127.0.0.1")
        return self


class Webhook(Strict):
    url: HttpUrl
    credential: Credential
    """Name of the credential that holds the key of the signature, one line."""

    @model_validator(mode="after")
    def _secret(self) -> Self:
        if self.url.scheme != "https" and self.url.host not in {"127.0.0.1", "localhost", "[::1]"}:
            raise wrong("is not https", "alerts name homes and rooms")
        return self


class AlertSettings(Strict):
    """Each number is where an alert is raised; it is cleared well on the good side of it."""

    silent_min: Minutes = 120.0
    """Summaries come once an hour, a hello at every connection."""
    fault_min: Minutes = 10.0
    """That a fault of a heater stood, of the last hours."""
    disk_mb: Annotated[float, Field(ge=0, le=1e9)] = 500.0
    drops: Annotated[int, Field(ge=1)] = 1
    refusals: Annotated[int, Field(ge=1)] = 100
    """Within two hours."""
    every_s: Annotated[float, Field(ge=5, le=3600)] = 60.0
    webhook: Webhook | None = None
