"""Rules keep the contract of `seams.Rule`, for stories nobody thought of too."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config.load import load_settings
from gateway.rules.engine import RuleEngine
from gateway.rules.parse import parse_rules, rules_from
from gateway.rules.rule import MOST_A_MINUTE, YamlRule
from gateway.testing.rules import Moment, check_rule
from gateway.types import Command, Event, Kind, Quality, Quantity, World
from tests.unit.rules.story import HOME, START, at, event, reading

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = (
    *rules_from(load_settings(CONFIG / "examples" / "house.yaml").rules),
    *parse_rules((CONFIG / "rules" / "lights.yaml").read_text(encoding="utf-8"), "lights.yaml"),
)


def _story(seed: int, length: int = 300) -> tuple[Moment, ...]:
    """What might happen in a house, at random but the same for a seed."""
    chance, seconds, warmth = random.Random(seed), 0.0, 15.0
    moments: list[Moment] = []
    world = World(local=START.astimezone(HOME))
    for _ in range(length):
        seconds += chance.choice((0.0, 0.1, 1.0, 30.0, 400.0))
        if chance.random() < 0.5:
            kind = chance.choice((Kind.MOTION_BEGAN, Kind.MOTION_ENDED, Kind.FACE_RECOGNISED))
            stimulus: Event = event(seconds, kind, zone=chance.choice((None, "path")), label="Ann")
            stimulus = replace(stimulus, id=f"{stimulus.id}-{len(moments)}")
            world = world.with_person("Ann", stimulus.stamp)
            moments.append(Moment(stimulus=stimulus, world=world, now=at(seconds)))
            continue
        quality = chance.choice((Quality.GOOD, Quality.GOOD, Quality.STALE))
        warmth = min(20.0, max(12.0, warmth + chance.uniform(-1, 1)))
        told = chance.choice(
            (
                reading(seconds, warmth, quality=quality),
                reading(seconds, chance.uniform(0, 60), Quantity.ILLUMINANCE, device="hall", quality=quality),
            )
        )
        world = replace(world.with_reading(told), local=at(seconds).wall.astimezone(HOME))
        moments.append(Moment(stimulus=told, world=world, now=at(seconds)))
    return tuple(moments)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.name)
def test_shipped_rules_keep_the_contract(rule: YamlRule, seed: int) -> None:
    story = _story(seed)
    commands = check_rule(rule, story)
    causes = {moment.stimulus.id for moment in story if isinstance(moment.stimulus, Event)}
    for command in commands:
        assert command.cause in causes or "@" in command.cause
        assert command.issued.mono_ns >= command.trigger.mono_ns


def test_the_stories_make_every_shipped_rule_act() -> None:
    for rule in SHIPPED:
        assert any(check_rule(rule, _story(seed)) for seed in range(5)), rule.name


def _play(story: Sequence[Moment]) -> list[Command]:
    engine = RuleEngine(SHIPPED[:-2])
    commands: list[Command] = []
    for moment in story:
        commands += engine.step(moment.stimulus, moment.world, moment.now)
        commands += engine.tick(moment.now, moment.world)
    return commands


@pytest.mark.parametrize("seed", range(5))
def test_a_replay_gives_the_very_same_commands_in_the_order_of_their_ids(seed: int) -> None:
    commands = _play(_story(seed))
    assert commands
    assert commands == _play(_story(seed))
    assert len({command.id for command in commands}) == len(commands)
    stamps = [command.id[:12] for command in commands]
    assert stamps == sorted(stamps)


def test_no_story_makes_a_rule_act_more_often_than_the_guard_allows() -> None:
    for rule in SHIPPED:
        story = tuple(
            Moment(
                stimulus=replace(event(n / 50), id=str(n)), world=World(local=START.astimezone(HOME)), now=at(n / 50)
            )
            for n in range(1000)
        )
        assert len(check_rule(rule, story)) <= MOST_A_MINUTE * len(rule.spec.then)
