"""How old a command is: the one question every sink asks first."""

from gateway.types import Command, Stamp


def age_s(command: Command, now: Stamp) -> float:
    """Seconds since it was issued. Across a reboot only the wall clock is left to ask."""
    if command.issued.boot == now.boot:
        return now.seconds_since(command.issued)
    return (now.wall - command.issued.wall).total_seconds()


def expired(command: Command, now: Stamp) -> bool:
    """Whether it must not be carried out any more; also where `ttl_s` is no number."""
    return not age_s(command, now) < command.ttl_s
