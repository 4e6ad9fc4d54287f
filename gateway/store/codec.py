"""Words to JSON and back without loss, for rows on disk."""

from pydantic import TypeAdapter

from gateway.types import Command, Event, Outcome

_EVENT = TypeAdapter(Event)
_COMMAND = TypeAdapter(Command)
_OUTCOME = TypeAdapter(Outcome)


def event_json(event: Event) -> str:
    return _EVENT.dump_json(event).decode()


def event_from(text: str) -> Event:
    return _EVENT.validate_json(text)


def command_json(command: Command) -> str:
    return _COMMAND.dump_json(command).decode()


def command_from(text: str) -> Command:
    return _COMMAND.validate_json(text)


def outcome_json(outcome: Outcome) -> str:
    return _OUTCOME.dump_json(outcome).decode()


def outcome_from(text: str) -> Outcome:
    return _OUTCOME.validate_json(text)
