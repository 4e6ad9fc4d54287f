"""YAML text to rules."""

from collections.abc import Iterable

from gateway.config.document import read
from gateway.config.load import raise_problems, read_rules
from gateway.config.rules import RuleSpec
from gateway.rules.rule import YamlRule


def parse_rules(text: str, file: str) -> tuple[YamlRule, ...]:
    """The rules in `text`; `file` is named in problems. Raises `ConfigError` with all of them."""
    document = read(text, file)
    rules = rules_from(spec for _, spec in read_rules(document))
    raise_problems(document)
    return rules


def rules_from(specs: Iterable[RuleSpec]) -> tuple[YamlRule, ...]:
    """The rules of `Settings.rules`."""
    return tuple(YamlRule(spec) for spec in specs)
