"""The words of the command line. Light on purpose: what a command needs is imported when it is carried out."""

import argparse
import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from gateway import __version__

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Commands = _SubParsersAction[argparse.ArgumentParser]

SYSTEM_CONFIG = Path("/etc/hearthgate/gateway.yaml")

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def parser() -> argparse.ArgumentParser:
    """`handler` of the parsed arguments is "module:function" within `gateway.app`."""
    top = argparse.ArgumentParser(prog="hearthgate", description="A smart-home edge gateway.")
    top.add_argument("--version", action="version", version=f"hearthgate {__version__}")
    top.add_argument("-v", "--verbose", action="store_true", help="say more on standard error")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_demo(commands)
    _add_check(commands)
    _add_models(commands)
    _add_uplink(commands)
    _add_accounts(commands)
    _add_eval(commands)
    _add_bench(commands)
    return top


def seconds(text: str) -> float:
    """`30`, `30s`, `5m` or `1h` in seconds. For argparse."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"not a duration such as 30s or 5m: {text}")
    return float(match[1]) * _UNITS[match[2]]


def utc_day(text: str) -> datetime:
    """The beginning of a day. For argparse."""
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a day such as 2017-04-01: {text}") from None


def _add_run(commands: "Commands") -> None:
    run = commands.add_parser("run", help="run the gateway")
    run.add_argument("--config", type=Path, required=True, metavar="FILE")
    run.set_defaults(handler="cli_run:run_gateway")


def _add_demo(commands: "Commands") -> None:
    demo = commands.add_parser("demo", help="run the product on real clips and a simulated room")
    demo.add_argument("--for", dest="for_s", type=seconds, metavar="30s", help="stop by itself after this long")
    demo.add_argument("--report", type=Path, metavar="FILE.json", help="write what happened as JSON")
    demo.set_defaults(handler="cli_run:run_demo")


def _add_check(commands: "Commands") -> None:
    check = commands.add_parser("check-config", help="every problem of a configuration file at once")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(handler="cli_check:check_config")
    doctor = commands.add_parser("doctor", help="one line per worry, naming the cause; status 1 when one fails")
    doctor.add_argument("--config", type=Path, metavar="FILE", help=f"{SYSTEM_CONFIG} when left out and there")
    _add_json(doctor)
    doctor.set_defaults(handler="cli_check:doctor")


def _add_models(commands: "Commands") -> None:
    models = commands.add_parser("models", help="list, fetch, verify, build and switch the models")
    actions = models.add_subparsers(required=True, metavar="ACTION")
    for name, about in (
        ("list", "what there is"),
        ("pull", "fetch what is missing, checked by SHA-256"),
        ("verify", "hash every file; status 1 unless all are ready"),
        ("build", "make a model anew from its origin"),
    ):
        action = actions.add_parser(name, help=about)
        action.add_argument("model", nargs="?", help="one model's id; all when left out")
        action.add_argument("--model-dir", type=Path, help="a folder of ready files to take models from (no network)")
        _add_store(action)
        action.set_defaults(handler=f"cli_models:{name}_models")
    show = actions.add_parser("show", help="the whole card of a model, and the state of each file")
    show.add_argument("model")
    show.set_defaults(handler="cli_models:show_model", model_dir=None)
    _add_store(show)
    rollback = actions.add_parser("rollback", help="let the previous version of a model serve again")
    rollback.add_argument("model")
    rollback.set_defaults(handler="cli_models:rollback_model")
    _add_store(rollback)
    _add_bundles(actions)


def _add_uplink(commands: "Commands") -> None:
    uplink = commands.add_parser("uplink", help="join a hub").add_subparsers(required=True, metavar="ACTION")
    enrol = uplink.add_parser(
        "enrol", help="get a certificate of a hub for its one-time token; prints what to configure"
    )
    enrol.add_argument("url", metavar="URL", help="of the hub's pages")
    enrol.add_argument("token", metavar="TOKEN")
    enrol.add_argument(
        "--ca", type=Path, metavar="FILE.pem", help="who vouches for the hub; the system's when left out"
    )
    enrol.add_argument("--config", type=Path, metavar="FILE", help=f"{SYSTEM_CONFIG} when left out and there")
    enrol.set_defaults(handler="cli_uplink:enrol")


def _add_accounts(commands: "Commands") -> None:
    accounts = commands.add_parser("accounts", help="which devices may speak to the broker of an image")
    actions = accounts.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list", help="their names").set_defaults(handler="cli_accounts:list_accounts")
    for name, about in (("add", "a new password, shown once"), ("remove", "no account any more")):
        action = actions.add_parser(name, help=about)
        action.add_argument("name", metavar="NAME")
        action.set_defaults(handler=f"cli_accounts:{name}_account")
    for action in actions.choices.values():
        action.add_argument("--config", type=Path, metavar="FILE", help=f"{SYSTEM_CONFIG} when left out and there")


def _add_bundles(actions: "Commands") -> None:
    install = actions.add_parser("install", help="take in a signed bundle, as the candidate of its model")
    install.add_argument("source", metavar="FILE_OR_URL")
    install.set_defaults(handler="cli_bundle:install_bundle")
    _add_store(install)
    trust = actions.add_parser("trust", help="whose bundles are taken in; with a publisher's statement, change that")
    trust.add_argument("source", nargs="?", metavar="FILE_OR_URL")
    trust.set_defaults(handler="cli_bundle:trust_keys")
    _add_store(trust)


def _add_eval(commands: "Commands") -> None:
    evaluate = commands.add_parser("eval", help="judge files: motion in a video, faces in photos, heating in a house")
    kinds = evaluate.add_subparsers(required=True, metavar="KIND")
    motion = kinds.add_parser("motion", help="one CSV line a source frame")
    motion.add_argument("video", type=Path, metavar="VIDEO")
    motion.add_argument("--mode", choices=("every", "gated"), default="every")
    motion.add_argument("--csv", type=Path, required=True, metavar="OUT")
    motion.set_defaults(handler="cli_eval:motion")
    faces = kinds.add_parser("faces", help="recognise the people of one folder in the photos of another")
    faces.add_argument("--gallery", type=Path, required=True, metavar="DIR", help="a folder of photos a person")
    faces.add_argument("--probes", type=Path, required=True, metavar="DIR")
    _add_json(faces)
    faces.set_defaults(handler="cli_eval:faces")
    embed = kinds.add_parser("embed", help="a unit vector for the face in each photo")
    embed.add_argument("directory", type=Path, metavar="DIR")
    embed.add_argument("--npz", type=Path, required=True, metavar="OUT")
    embed.set_defaults(handler="cli_eval:embed")
    _add_eval_climate(kinds)
    _add_eval_forecast(kinds)
    occupancy = kinds.add_parser("occupancy", help="who was there, row by row, in a recording of a room")
    occupancy.add_argument("csv", type=Path, metavar="CSV", help="a room CSV, or a file of the UCI occupancy set")
    occupancy.add_argument("--without", action="append", default=[], choices=("co2", "light", "motion"))
    occupancy.add_argument("--predictions", type=Path, metavar="OUT.csv", help="time and probability of each row")
    _add_json(occupancy)
    occupancy.set_defaults(handler="cli_eval:occupancy")


def _add_eval_forecast(kinds: "Commands") -> None:
    forecast = kinds.add_parser("forecast", help="how well recorded rooms would have been foretold, day by day")
    forecast.add_argument(
        "--data", type=Path, required=True, metavar="DIR|CSV", help="a room CSV, or a folder of rooms"
    )
    forecast.add_argument("--predictions", type=Path, metavar="OUT.csv", help="what the blend foretold at each row")
    forecast.add_argument(
        "--origins", type=Path, metavar="FILE.csv", help="with --predictions: at these times instead of each row"
    )
    forecast.add_argument(
        "--from", dest="begin", type=utc_day, metavar="YYYY-MM-DD", help="rate from this day, UTC, on"
    )
    forecast.add_argument(
        "--until", dest="end", type=utc_day, metavar="YYYY-MM-DD", help="rate up to and with this day"
    )
    _add_json(forecast)
    forecast.set_defaults(handler="cli_eval:forecast")


def _add_eval_climate(kinds: "Commands") -> None:
    climate = kinds.add_parser("climate", help="heat a simulated house, and see what rivals do there")
    climate.add_argument("--house", required=True, metavar="FILE.yaml")
    climate.add_argument("--weather", required=True, metavar="FILE.csv", help="or synthetic:cold:1, synthetic:mild:1")
    climate.add_argument(
        "--controller", choices=("ours", "classic", "tuned", "always-21", "perfect"), help="all when left out"
    )
    climate.add_argument("--tariff", choices=("flat", "tou"), help="instead of the house's own")
    climate.add_argument("--faults", metavar="FILE.yaml", help="a script of what goes wrong")
    climate.add_argument("--trace", metavar="OUT.csv", help="what happened, a line a minute")
    climate.add_argument("--days", type=int, metavar="N", help="that are judged (10)")
    climate.add_argument("--warm-up-days", type=int, metavar="N", help="lived through before, to learn (10)")
    climate.add_argument("--start", metavar="YYYY-MM-DD", help="the weather's first day when left out")
    climate.add_argument("--seed", type=int, metavar="N", help="of noise and people (1)")
    climate.add_argument(
        "--forecast", action="store_const", const=True, help="tell the weather to come, with its errors"
    )
    _add_json(climate)
    climate.set_defaults(handler="cli_climate:judge_climate")


def _add_bench(commands: "Commands") -> None:
    bench = commands.add_parser("bench", help="measure this machine; `bench list` names the benchmarks")
    bench.add_argument("name", metavar="NAME")
    _add_json(bench)
    bench.set_defaults(handler="cli_bench:bench_one")


def _add_store(action: argparse.ArgumentParser) -> None:
    action.add_argument("--config", type=Path, metavar="FILE", help=f"{SYSTEM_CONFIG} when left out and there")
    _add_json(action)


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one JSON document on standard output")
