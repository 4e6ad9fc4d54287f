"""What rules do."""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import pytest

from gateway.errors import ConfigError
from gateway.flow.board import Board
from gateway.rules.engine import RuleEngine
from gateway.rules.parse import parse_rules
from gateway.types import Kind, Level, Notify, Origin, Quality, Quantity, World
from tests.unit.rules.story import HOME, Stage, at, event, reading

LAMP = """\
- name: hall light
  when: {event: motion.began, source: door}
  then: [{switch: {target: hall_lamp, on: true}}]
"""
LAMP_UNTIL = LAMP + "  until: {event: motion.ended, source: door, quiet_s: 60}\n"
HEATER = """\
- name: warm
  when: {reading: temperature, device: bedroom, below: 17, hysteresis: 0.5}
  then: [{switch: {target: heater, on: true}}]
"""


def test_a_command_carries_its_cause_and_its_sentence() -> None:
    motion = event(0)
    (command,) = Stage.of(LAMP + "  ttl_s: 3\n").commands(motion)
    assert command.why == "hall lamp on: motion at door since 18:02:11"
    assert (command.cause, command.trigger, command.issued) == (motion.id, motion.stamp, at(0))
    assert (command.origin, command.ttl_s, command.target) == (Origin.RULE, 3.0, "hall_lamp")


@pytest.mark.parametrize(
    ("when", "fires"),
    [
        ("event: motion.began", True),
        ("event: motion.began, source: door, zone: path, label: cat", True),
        ("event: motion.ended", False),
        ("event: motion.began, source: yard", False),
        ("event: motion.began, zone: lawn", False),
        ("event: motion.began, label: dog", False),
    ],
)
def test_an_event_must_fit_in_all_that_the_rule_says(when: str, *, fires: bool) -> None:
    stage = Stage.of(f"- name: a\n  when: {{{when}}}\n  then: [{{switch: {{target: lamp, on: yes}}}}]\n")
    assert stage.happens(event(0, zone="path", label="cat")) == (["lamp on"] if fires else [])


def test_every_kind_of_action() -> None:
    text = """\
- name: a
  when: {event: face.recognised}
  then:
    - switch: {target: lamp, on: off}
    - set_level: {target: blind, level_pct: 30}
    - set_temperature: {target: heating, temp_c: 20.5}
    - notify: {title: Home, body: Somebody came}
"""
    commands = Stage.of(text).commands(event(0, Kind.FACE_RECOGNISED, label="Ann"))
    assert [command.why.partition(":")[0] for command in commands] == [
        "lamp off",
        "blind to 30 %",
        "heating to 20.5 degC",
        "told",
    ]
    assert commands[3].action == Notify(title="Home", body="Somebody came")
    assert commands[3].why == "told: Ann recognised at door since 18:02:11"


def test_a_bound_is_crossed_once_and_anew_only_after_going_back() -> None:
    stage = Stage.of(HEATER)
    told = [stage.happens(reading(n, value)) for n, value in enumerate([18, 16.9, 16.5, 17.2, 16.9, 17.5, 16.9])]
    assert told == [[], ["heater on"], [], [], [], [], ["heater on"]]


def test_above_and_equals() -> None:
    stage = Stage.of(
        "- name: a\n  when: {reading: co2, device: hall, above: 1000}\n  then: [{switch: {target: fan, on: on}}]\n"
        "- name: b\n  when: {reading: contact, device: hall, equals: on}\n  then: [{notify: {title: open}}]\n"
    )
    assert stage.happens(reading(0, 1000, Quantity.CO2, device="hall")) == []
    assert stage.happens(reading(1, 1001, Quantity.CO2, device="hall")) == ["fan on"]
    contacts = [1, 1, 0, 1]
    told = [stage.happens(reading(2 + n, v, Quantity.CONTACT, device="hall")) for n, v in enumerate(contacts)]
    assert told == [["notify told"], [], [], ["notify told"]]


@pytest.mark.parametrize("quality", [Quality.STALE, Quality.SUSPECT])
def test_a_reading_that_cannot_be_trusted_moves_nothing(quality: Quality) -> None:
    stage = Stage.of(HEATER.replace("hysteresis: 0.5", "for_s: 60"))
    assert stage.happens(reading(0, 10, quality=quality)) == []
    assert stage.passes(100) == []
    assert stage.happens(reading(101, 10)) == []
    assert stage.happens(reading(130, 10, quality=quality)) == []
    assert stage.passes(300) == []


def test_a_bound_must_stay_crossed_for_as_long_as_asked() -> None:
    stage = Stage.of(HEATER.replace("hysteresis: 0.5", "for_s: 60"))
    assert stage.happens(reading(0, 16)) == []
    assert stage.happens(reading(50, 17.1)) == []
    assert stage.passes(61) == []
    assert stage.happens(reading(70, 16)) == []
    assert stage.happens(reading(100, 15)) == []
    assert stage.passes(129) == []
    assert stage.passes(130) == ["heater on"]
    assert stage.passes(300) == []


def test_the_sentence_of_a_reading() -> None:
    (command,) = Stage.of(HEATER).commands(reading(0, 16.87))
    assert command.why == "heater on: bedroom temperature 16.87 degC below 17 since 18:02:11"


def test_a_lamp_goes_off_only_after_it_was_quiet_long_enough() -> None:
    stage = Stage.of(LAMP_UNTIL)
    assert stage.happens(event(0)) == ["hall_lamp on"]
    assert stage.happens(event(10, Kind.MOTION_ENDED)) == []
    assert stage.passes(69) == []
    assert stage.happens(event(69.5)) == ["hall_lamp on"]
    assert stage.passes(200) == []
    assert stage.happens(event(201, Kind.MOTION_ENDED)) == []
    assert stage.passes(261) == ["hall_lamp off"]
    assert stage.passes(400) == []


def test_motion_within_the_cooldown_keeps_the_lamp_on() -> None:
    stage = Stage.of(LAMP_UNTIL + "  cooldown_s: 300\n")
    assert stage.happens(event(0)) == ["hall_lamp on"]
    assert stage.happens(event(10, Kind.MOTION_ENDED)) == []
    assert stage.happens(event(60)) == []
    assert stage.passes(120) == []
    assert stage.happens(event(130, Kind.MOTION_ENDED)) == []
    assert stage.passes(190) == ["hall_lamp off"]


def test_the_sentence_of_an_end() -> None:
    stage = Stage.of(LAMP_UNTIL)
    stage.happens(event(0))
    ended = event(10, Kind.MOTION_ENDED)
    stage.happens(ended)
    (command,) = stage.engine.tick(at(70), stage.world)
    assert command.why == "hall lamp off: no more motion at door since 18:02:21, quiet for 60 s"
    assert (command.cause, command.trigger) == (ended.id, at(70))


def test_an_end_that_never_comes_is_bounded() -> None:
    stage = Stage.of(LAMP + "  until: {event: motion.ended, at_most_s: 600}\n")
    assert stage.happens(event(0)) == ["hall_lamp on"]
    assert stage.passes(599) == []
    assert stage.passes(600) == ["hall_lamp off"]


def test_a_reading_ends_what_a_reading_began() -> None:
    stage = Stage.of(HEATER + "  until: {reading: temperature, device: bedroom, above: 18, for_s: 30}\n")
    assert stage.happens(reading(0, 16)) == ["heater on"]
    assert stage.happens(reading(10, 18.5)) == []
    assert stage.happens(reading(20, 17.9)) == []
    assert stage.passes(60) == []
    assert stage.happens(reading(61, 18.5)) == []
    assert stage.passes(91) == ["heater off"]


def test_an_end_may_have_actions_of_its_own() -> None:
    text = LAMP + "  until: {event: motion.ended, then: [{set_level: {target: hall_lamp, level_pct: 10}}]}\n"
    stage = Stage.of(text)
    stage.happens(event(0))
    assert stage.happens(event(1, Kind.MOTION_ENDED)) == ["hall_lamp 10"]


def test_the_cooldown_counts_only_what_was_sent() -> None:
    stage = Stage.of(LAMP + "  cooldown_s: 30\n")
    told = [stage.happens(event(seconds)) for seconds in (0, 20, 29, 30, 59, 60)]
    assert told == [["hall_lamp on"], [], [], ["hall_lamp on"], [], ["hall_lamp on"]]


def _with(stage: Stage, **changes: object) -> Stage:
    stage.world = replace(stage.world, **changes)  # type: ignore[arg-type]
    return stage


def _condition(condition: str, key: str = "if") -> str:
    return LAMP + f"  {key}: [{condition}]\n"


@pytest.mark.parametrize(
    ("times", "local", "holds"),
    [
        ('after: "18:00", before: "23:00"', "2026-03-06 18:00:00", True),
        ('after: "18:00", before: "23:00"', "2026-03-06 23:00:00", False),
        ('after: "22:00", before: "06:00"', "2026-03-06 23:59:59", True),
        ('after: "22:00", before: "06:00"', "2026-03-06 05:59:59", True),
        ('after: "22:00", before: "06:00"', "2026-03-06 06:00:00", False),
        ('after: "22:00"', "2026-03-06 21:59:59", False),
        ('before: "06:00"', "2026-03-06 05:00:00", True),
        ("days: [fri]", "2026-03-06 12:00:00", True),
        ("days: [sat, sun]", "2026-03-06 12:00:00", False),
        ('after: "22:00", before: "06:00", days: [fri]', "2026-03-07 05:00:00", True),
        ('after: "22:00", before: "06:00", days: [fri]', "2026-03-06 05:00:00", False),
    ],
)
def test_time(times: str, local: str, *, holds: bool) -> None:
    (rule,) = parse_rules(_condition(f"{{time: {{{times}}}}}"), "rules.yaml")
    world = World(local=datetime.fromisoformat(local).replace(tzinfo=HOME))
    _, commands = rule.step(rule.start(), event(0), world, at(0))
    assert bool(commands) is holds


def test_a_reading_as_condition_must_be_known_and_good() -> None:
    text = _condition("{reading: {device: hall, quantity: illuminance, below: 30}}")
    stage = Stage.of(text)
    assert stage.happens(event(0)) == []
    stage.happens(reading(1, 20, Quantity.ILLUMINANCE, device="hall"))
    assert stage.happens(event(2)) == ["hall_lamp on"]
    stage.happens(reading(3, 20, Quantity.ILLUMINANCE, device="hall", quality=Quality.STALE))
    assert stage.happens(event(4)) == []


@pytest.mark.parametrize(
    ("person", "at_99", "at_101"), [("{name: Ann, within_s: 100}", 1, 0), ("{within_s: 100}", 1, 0)]
)
def test_a_person_seen_lately(person: str, at_99: int, at_101: int) -> None:
    stage = Stage.of(_condition(f"{{person: {person}}}"))
    assert stage.happens(event(0)) == []
    stage.happens(event(1, Kind.FACE_RECOGNISED, label="Ann"))
    assert len(stage.happens(event(100))) == at_99
    assert len(stage.happens(event(102))) == at_101
    stage.happens(event(103, Kind.FACE_RECOGNISED, label="Bob"))
    assert len(stage.happens(event(104))) == (0 if "Ann" in person else 1)


def test_modes_and_what_must_not_be() -> None:
    away = MappingProxyType({"away": "on"})
    condition = '{mode: {name: away, equals: "on"}}'
    assert Stage.of(_condition(condition)).happens(event(0)) == []
    assert _with(Stage.of(_condition(condition)), modes=away).happens(event(0)) == ["hall_lamp on"]
    assert Stage.of(_condition(condition, "unless")).happens(event(0)) == ["hall_lamp on"]
    assert _with(Stage.of(_condition(condition, "unless")), modes=away).happens(event(0)) == []


def test_a_loop_is_found_told_and_left() -> None:
    board = Board()
    engine = RuleEngine(parse_rules(LAMP_UNTIL, "rules.yaml"), report=board.report)
    stage = Stage(engine)
    fired = sum(len(stage.happens(event(seconds / 10))) for seconds in range(100))
    assert fired == 20
    assert engine.resting == ("hall light",)
    assert (board.all()["rules"].level, board.all()["rules"].key) == (Level.DEGRADED, "rule_loop")
    assert "hall light" in board.all()["rules"].detail
    assert stage.happens(event(11, Kind.MOTION_ENDED)) == []
    assert stage.passes(71) == ["hall_lamp off"], "a resting rule still undoes what it did"
    assert stage.happens(event(200)) == []
    assert stage.happens(event(400)) == ["hall_lamp on"]
    assert board.all()["rules"].level is Level.OK


def test_rules_do_not_disturb_each_other_and_answer_in_order() -> None:
    stage = Stage.of(LAMP + HEATER + LAMP.replace("hall light", "porch").replace("hall_lamp", "porch_lamp"))
    assert stage.happens(event(0)) == ["hall_lamp on", "porch_lamp on"]
    assert stage.happens(reading(1, 10)) == ["heater on"]


@pytest.mark.parametrize(
    ("rule", "path", "message"),
    [
        ("then: []", "[0].when", "is required"),
        ("when: {}", "[0].when", "exactly one of event, reading"),
        ("when: {event: motion.began, reading: co2}", "[0].when", "exactly one of event, reading"),
        ("when: {event: motion.began, above: 3}", "[0].when", "'above' belongs to a reading"),
        ("when: {reading: co2, device: a}", "[0].when", "exactly one of above, below, equals"),
        ("when: {reading: co2, above: 1}", "[0].when", "needs its device"),
        ("when: {reading: co2, device: a, above: 1, zone: b}", "[0].when", "'zone' belongs to an event"),
        ("when: {reading: co2, device: a, above: .nan}", "[0].when.above", "must be a number"),
        ("if: [{}]", "[0].if[0]", "exactly one of time, reading, person, mode"),
        ("if: [{time: {after: noon}}]", "[0].if[0].time.after", "must be a time such as 18:30"),
        ("then: [{switch: {target: a, on: maybe}}]", "[0].then[0].switch.on", "must be true or false"),
        ("then: [{set_temperature: {target: a, temp_c: 90}}]", "[0].then[0].set_temperature.temp_c", "less than"),
        ("until: {event: motion.ended}\n  then: [{notify: {title: x}}]", "[0]", "nothing to switch back"),
        ("cooldown_s: -1", "[0].cooldown_s", "greater than"),
        ("tehn: 1", "[0].tehn", "is not a known key"),
    ],
)
def test_what_is_no_rule(rule: str, path: str, message: str) -> None:
    lines = {"when": "when: {event: motion.began}", "then": "then: [{notify: {title: x}}]"}
    rest = [line for key, line in lines.items() if f"{key}:" not in rule]
    if path == "[0].when" and message == "is required":
        rest = []
    with pytest.raises(ConfigError) as caught:
        parse_rules("- name: a\n" + "".join(f"  {line}\n" for line in [*rest, rule]), "rules.yaml")
    assert [(p.path, message in p.message) for p in caught.value.problems if p.path == path] == [(path, True)]


@pytest.mark.parametrize(("text", "count"), [("", 0), ("[]", 0), ("rules: []", 0), ("rules:\n" + LAMP, 1), (LAMP, 1)])
def test_shapes_of_a_rule_file(text: str, count: int) -> None:
    assert len(parse_rules(text, "rules.yaml")) == count


def test_a_rule_file_that_is_no_list() -> None:
    with pytest.raises(ConfigError, match="must be a list of rules"):
        parse_rules("name: a", "rules.yaml")
