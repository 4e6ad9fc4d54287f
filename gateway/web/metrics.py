"""GET /metrics: everything the gateway counts and knows of itself, for Prometheus. Never a name of a person."""

import asyncio
import os
import resource
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from aiohttp import hdrs, web

from gateway.errors import GatewayError, Refused
from gateway.flow.meters import Taken
from gateway.web.auth.bearer import BearerDoor
from gateway.web.context import COOKIE, PARTS, refusal
from gateway.web.parts import StreamView, WebParts
from gateway.wire.exposition import CONTENT_TYPE, Family, Kind, Labels, exposition

DOOR = web.AppKey("metrics_door", BearerDoor)

ACCELERATOR = "accelerator"
_ACCELERATOR_STATES = ("tpu", "cpu", "off")
_STATM = Path("/proc/self/statm")

Samples = Iterable[tuple[str, Labels, float]]


async def metrics(request: web.Request) -> web.Response:
    """For who is signed in, and for programs with the token."""
    parts = request.app[PARTS]
    if parts.auth.session(request.cookies.get(COOKIE)) is None:
        try:
            request.app[DOOR].check(request.headers.get(hdrs.AUTHORIZATION), address=request.remote)
        except Refused as error:
            response = refusal(error)
            if error.status == 401:
                response.headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="hearthgate metrics"'
            return response
    heat = await asyncio.to_thread(parts.heat)
    text = exposition(families(parts, heat, await _waiting(parts)))
    return web.Response(body=text.encode(), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE})


async def _waiting(parts: WebParts) -> Sequence[StreamView]:
    """Nothing where the outbox cannot be asked: its state says why, and the other numbers are wanted then."""
    try:
        return await parts.uplink.streams() if parts.uplink is not None else ()
    except GatewayError:
        return ()


def families(parts: WebParts, heat: Mapping[str, float], waiting: Sequence[StreamView] = ()) -> Iterator[Family]:
    """`heat` is in degrees Celsius by sensor; `waiting` to leave, by stream."""
    yield _family("info", "gauge", "The version that runs.", [("", {"version": parts.version}, 1)])
    yield _family("count_total", "counter", "What went through, what was dropped and why, by name.", _counts(parts))
    yield from _states(parts)
    yield from _uplink(waiting)
    yield from _inference(parts.meters.all())
    yield _family(
        "temperature_celsius",
        "gauge",
        "Temperature by sensor.",
        [("", {"sensor": name}, temp_c) for name, temp_c in sorted(heat.items())],
    )
    yield _family("loop_lag_seconds", "gauge", "How late the event loop is, over three minutes.", _lag(parts))
    yield from _process()


def _family(name: str, kind: Kind, told: str, samples: Samples) -> Family:
    return Family(name=f"hearthgate_{name}", kind=kind, help=told, samples=samples)


def _counts(parts: WebParts) -> Samples:
    return [("", {"name": name}, count) for name, count in sorted(parts.counters.all().items())]


def _states(parts: WebParts) -> Iterator[Family]:
    board = parts.board.all()
    told = [
        ("", {"part": part, "level": state.level.value, "key": state.key}, 1.0) for part, state in sorted(board.items())
    ]
    yield _family("state", "gauge", "What every part says of itself; always 1.", told)
    now = board.get(ACCELERATOR)
    states = [("", {"state": one}, float(one == now.key)) for one in _ACCELERATOR_STATES] if now else []
    yield _family("accelerator", "gauge", "1 for what the accelerated models run on now.", states)


def _uplink(waiting: Sequence[StreamView]) -> Iterator[Family]:
    if waiting:
        rows = [("", {"stream": one.stream.value}, one.rows) for one in waiting]
        ages = [("", {"stream": one.stream.value}, one.oldest_s) for one in waiting if one.oldest_s is not None]
        yield _family("uplink_waiting", "gauge", "Summaries that wait to leave, by stream.", rows)
        yield _family("uplink_oldest_seconds", "gauge", "How long the oldest of them has waited.", ages)


def _inference(taken: Mapping[tuple[str, str], Taken]) -> Iterator[Family]:
    each = [({"model": model, "backend": backend}, one) for (model, backend), one in sorted(taken.items())]
    yield _family(
        "inference_seconds",
        "summary",
        "Time of an inference; quantiles over the last 512.",
        [sample for labels, one in each for sample in _summary(labels, one)],
    )
    waits = [
        ("", {**labels, "quantile": share}, wait_s)
        for labels, one in each
        for share, wait_s in (("0.5", one.wait_p50_s), ("0.95", one.wait_p95_s))
    ]
    yield _family("inference_wait_seconds", "gauge", "Time in the queue before an inference.", waits)
    errors = [("", labels, float(one.errors)) for labels, one in each]
    yield _family("inference_errors_total", "counter", "Inferences without an answer.", errors)


def _summary(labels: Labels, one: Taken) -> Samples:
    return [
        ("", {**labels, "quantile": "0.5"}, one.p50_s),
        ("", {**labels, "quantile": "0.95"}, one.p95_s),
        ("_sum", labels, one.total_s),
        ("_count", labels, one.count),
    ]


def _lag(parts: WebParts) -> Samples:
    if parts.lag is None or not parts.lag.samples:
        return []
    return [("", {"quantile": str(share)}, parts.lag.quantile_s(share)) for share in (0.5, 0.99, 1.0)]


def _process() -> Iterator[Family]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = usage.ru_utime + usage.ru_stime
    resident = int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    yield _family("process_cpu_seconds_total", "counter", "Processor time of the daemon.", [("", {}, cpu_s)])
    yield _family("process_resident_bytes", "gauge", "Memory of the daemon.", [("", {}, resident)])
