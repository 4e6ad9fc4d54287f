"""`hearthgate bench NAME`: measured on this machine, as ratios of interleaved runs."""

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from gateway.app import bench
from gateway.errors import Refused


def bench_one(arguments: argparse.Namespace) -> int:
    known = benches()
    if arguments.name == "list":
        return _list(known, as_json=arguments.json)
    if arguments.name not in known:
        raise Refused("bench_unknown", name=arguments.name, known=", ".join(known))
    rows = known[arguments.name].run(lambda text: print(text, file=sys.stderr, flush=True))
    if arguments.json:
        print(json.dumps(document(arguments.name, [asdict(row) for row in rows])))
        return 0
    for row in rows:
        verdict = {True: "holds", False: "MISSED", None: ""}[row.holds]
        print(f"{row.name:48} {row.value:12.3f} {row.unit:20} {row.goal or '':12} {verdict}".rstrip())
    return 0


def _list(known: dict[str, ModuleType], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({name: module.ABOUT for name, module in known.items()}))
        return 0
    for name, module in known.items():
        print(f"{name:12} {module.ABOUT}")
    return 0


def benches() -> dict[str, ModuleType]:
    """By name; every module of `gateway.app.bench` that has a NAME."""
    modules = (importlib.import_module(f"{bench.__name__}.{m.name}") for m in pkgutil.iter_modules(bench.__path__))
    return {module.NAME: module for module in modules if hasattr(module, "NAME")}


def document(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bench": name, "date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(), "rows": rows}


def machine() -> str:
    """What was measured on, without naming the host."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return f"{_cpu_model()}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()}, Python {python}"


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
            names = [line.partition(":")[2].strip() for line in file if line.startswith(("model name", "Model"))]
    except OSError:
        names = []
    return names[0] if names else platform.machine()
