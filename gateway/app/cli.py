"""The command line: `hearthgate COMMAND`. Stable; other work relies on it."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway import __version__
from gateway.app import cli_bench, cli_check, cli_eval, cli_models, cli_run
from gateway.errors import EX_CONFIG, ConfigError, GatewayError


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 failed, 2 wrong usage, 78 (EX_CONFIG) a configuration that is not valid."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(
        level=logging.INFO if arguments.verbose else logging.WARNING, format="%(levelname)s %(message)s"
    )
    try:
        return int(arguments.handler(arguments))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    except GatewayError as error:
        print(f"hearthgate: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        sys.stderr.close()
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hearthgate", description="A smart-home edge gateway.")
    parser.add_argument("--version", action="version", version=f"hearthgate {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="say more on standard error")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    cli_run.add_to(commands)
    cli_check.add_to(commands)
    cli_models.add_to(commands)
    cli_eval.add_to(commands)
    cli_bench.add_to(commands)
    return parser


def existing_file(text: str) -> Path:
    """For argparse: a path that is a readable file."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"no such file: {text}")
    return path


if __name__ == "__main__":
    sys.exit(main())
