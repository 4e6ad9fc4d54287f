"""The command line: `hearthgate COMMAND`. Stable; other work relies on it."""

import gc
import importlib
import logging
import sys
from collections.abc import Callable, Sequence

from gateway.app.cli_parser import parser
from gateway.errors import EX_CONFIG, ConfigError, GatewayError


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 failed, 2 wrong usage, 78 (EX_CONFIG) a configuration that is not valid."""
    arguments = parser().parse_args(argv)
    logging.basicConfig(
        level=logging.INFO if arguments.verbose else logging.WARNING, format="%(levelname)s %(message)s"
    )
    try:
        return _imported(arguments.handler)(arguments)
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


def _imported(handler: str) -> Callable[[object], int]:
    """Nothing of what is imported is garbage: looking for it all the while takes a fifth of the time."""
    module, _, function = handler.partition(":")
    gc.disable()
    try:
        found: Callable[[object], int] = getattr(importlib.import_module(f"gateway.app.{module}"), function)
    finally:
        gc.enable()
    return found


if __name__ == "__main__":
    sys.exit(main())
