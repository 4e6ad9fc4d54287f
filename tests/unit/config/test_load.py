"""A configuration is whole, or every problem in it is named at once."""

from pathlib import Path

import pytest

from gateway.config.load import load_settings
from gateway.config.settings import Settings
from gateway.errors import EX_CONFIG, ConfigError, Problem

REPO = Path(__file__).parents[3]

FOUR_LINES = """\
cameras:
  - name: door
    url: rtsp://192.168.1.20/stream1
    credential: door
"""


def _load(tmp_path: Path, text: str | bytes) -> Settings:
    file = tmp_path / "gateway.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_settings(file)


def _problems(tmp_path: Path, text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    return caught.value.problems


def _one(tmp_path: Path, text: str | bytes) -> Problem:
    (problem,) = _problems(tmp_path, text)
    return problem


def test_four_lines_are_a_complete_file(tmp_path: Path) -> None:
    settings = _load(tmp_path, FOUR_LINES)
    (camera,) = settings.cameras
    assert (camera.name, camera.credential, camera.decode, camera.faces) == ("door", "door", "every", False)
    assert settings.mqtt.embedded
    assert settings.mqtt.discovery.form == "single"
    assert not settings.gateway.key_file.is_relative_to(settings.gateway.data_dir)


@pytest.mark.parametrize("name", ["gateway.yaml", "examples/house.yaml"])
def test_shipped_files_are_valid(name: str) -> None:
    file = REPO / "config" / name
    assert load_settings(file).cameras
    schema = file.read_text(encoding="utf-8").partition("$schema=")[2].split()[0]
    assert (file.parent / schema).resolve() == REPO / "config" / "schema.json"


def test_every_commented_default_in_the_shipped_file_is_a_known_key(tmp_path: Path) -> None:
    lines = (REPO / "config" / "gateway.yaml").read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("# mqtt:"))
    text = "\n".join(line.removeprefix("# ") for line in lines[start:])
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "lights.yaml").write_text("[]\n", encoding="utf-8")
    settings = _load(tmp_path, FOUR_LINES + text)
    assert settings.mqtt.host == "192.168.1.10"
    assert settings.rules[0].until is not None


def test_every_problem_is_told_at_once_with_file_line_path_and_hint(tmp_path: Path) -> None:
    text = """\
gatway: {}
cameras:
  - name: door
    url: rtsp://192.168.1.20/a
    credentail: door
    max_blind_s: fast
  - name: Door 2
    device: /dev/video0
web:
  port: 70000
"""
    found = {(p.line, p.path): p for p in _problems(tmp_path, text)}
    assert list(found) == [
        (1, "gatway"),
        (5, "cameras[0].credentail"),
        (6, "cameras[0].max_blind_s"),
        (7, "cameras[1].name"),
        (10, "web.port"),
    ]
    assert all(problem.file.endswith("gateway.yaml") for problem in found.values())
    assert found[1, "gatway"].hint == "did you mean 'gateway'?"
    assert found[5, "cameras[0].credentail"].hint == "did you mean 'credential'?"
    assert found[6, "cameras[0].max_blind_s"].message == "must be a number"
    assert "lower case" in found[7, "cameras[1].name"].hint


def test_a_password_in_a_url_is_refused_and_never_repeated(tmp_path: Path) -> None:
    problem = _one(tmp_path, "cameras: [{name: door, url: 'rtsp://ann:CANARY@192.168.1.20/a'}]")
    assert problem.path == "cameras[0].url"
    assert "credential" in problem.hint
    assert "CANARY" not in str(problem)


@pytest.mark.parametrize(
    "place",
    [
        "cameras: [{name: 'rtsp://ann:CANARY@host/'}]",
        "mqtt: {host: 'ann:CANARY@host'}",
        "web: {port: CANARY}",
        "cameras: [{name: door, url: rtsp://host/a, credential: 'ann:CANARY'}]",
        "cameras: !CANARY []",
        "logging: {level: CANARY}",
        "a: 'CANARY\n  : [",
    ],
)
def test_no_problem_repeats_a_value(tmp_path: Path, place: str) -> None:
    told = "\n".join(str(problem) for problem in _problems(tmp_path, place))
    assert "CANARY" not in told.replace("gateway.yaml", "")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "is empty"),
        ("# only a comment\n", 1, "is empty"),
        ("- a\n", 1, "must be a mapping"),
        ("just words", 1, "must be a mapping"),
        ("web:\n\tport: 80\n", 2, "cannot start any token"),
        ("web: {port: 8080\n", 2, "expected ',' or '}'"),
        ("web: {}\n---\nweb: {}\n", 2, "but found another document"),
        ("web:\n  port: 8080\n  host: a\n  port: 8081\n", 4, "is given twice"),
        ("web: !!python/object/apply:os.system ['true']\n", 1, "tags are not supported"),
        ("web: &a {port: 8080}\nmqtt:\n  <<: *a\n", 3, "is not a known key"),
        ("1: 2\n[a]: b\n", 2, "a key must be a word"),
        (b"web:\n  host: \xff\xfe\n", 2, "is not UTF-8 text"),
        ("web:\n  host: a\x00b\n", 2, "character that text must not hold"),
        ("a: *nobody\n", 1, "found undefined alias"),
        ("web: {port: !!int abc}\n", 1, "cannot be read as what its tag says"),
        ("x: " + "[" * 5000, 1, "deep"),
        ("x: " + "a" * 600_000, 1, "is larger than"),
    ],
)
def test_what_is_no_good_yaml(tmp_path: Path, text: str | bytes, line: int, message: str) -> None:
    first = next(p for p in _problems(tmp_path, text) if message in p.message)
    assert first.line == line


def test_aliases_cannot_multiply_without_bound(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 10):
        bomb += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    assert "values" in _one(tmp_path, bomb + "web: *a9\n").message


def test_an_alias_to_itself_ends(tmp_path: Path) -> None:
    assert any("nested deeper" in problem.message for problem in _problems(tmp_path, "web: &a [*a]\n"))


def test_words_of_yaml_1_1_stay_words(tmp_path: Path) -> None:
    text = (
        FOUR_LINES
        + "    title: no\nrules:\n  - name: a\n    when: {event: motion.began}\n    if: [{time: {after: 18:30}}]\n"
    )
    settings = _load(tmp_path, text + "    then: [{notify: {title: on}}]\n")
    assert settings.cameras[0].title == "no"
    (condition,) = settings.rules[0].all_of
    assert condition.time is not None
    assert str(condition.time.after) == "18:30:00"


def test_a_section_with_nothing_in_it_is_the_default(tmp_path: Path) -> None:
    assert _load(tmp_path, FOUR_LINES + "mqtt:\nrules:\n").mqtt == Settings().mqtt


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (FOUR_LINES + "  - {name: door, device: /dev/video0}", "cameras[1].name", "given to two"),
        ("cameras: [{name: a}]", "cameras[0]", "exactly one of url, device and file"),
        ("cameras: [{name: a, url: rtsp://h/, file: b.mp4}]", "cameras[0]", "exactly one of"),
        ("cameras: [{name: a, url: http://h/}]", "cameras[0].url", "must look like rtsp://"),
        ("cameras: [{name: a, device: /dev/video0, credential: b}]", "cameras[0]", "only a camera with a url"),
        ("mqtt: {embedded: true, host: h}", "mqtt", "either a host or embedded"),
        ("mqtt: {embedded: false}", "mqtt", "either a host or embedded"),
        ("mqtt: {port: 8080}", "web.port", "port of the embedded broker"),
        ("gateway: {data_dir: d, key_file: d/key}", "gateway.key_file", "lies in the data directory"),
        ("gateway: {data_dir: d, key_file: d/../d/key}", "gateway.key_file", "lies in the data directory"),
        ("sensors: [{device: a, quantity: warmth, topic: t}]", "sensors[0].quantity", "must be 'temperature'"),
        ("sensors: [{device: a, quantity: co2, topic: 't/#'}]", "sensors[0].topic", "must not hold"),
        ("sensors: [{device: a, quantity: power, topic: t, unit: furlong}]", "sensors[0]", "not come in this unit"),
        ("sensors: [{device: a, quantity: co2, topic: t, range: [9, 1]}]", "sensors[0]", "from low to high"),
        ("devices: [{name: a}]", "devices[0].command_topic", "is required"),
        ("rules_files: [none.yaml]", "(file)", "cannot be read"),
    ],
)
def test_contradictions(tmp_path: Path, text: str, path: str, message: str) -> None:
    problem = _one(tmp_path, text)
    assert problem.path == path
    assert message in problem.message


@pytest.mark.parametrize("corners", ["[0, 0], [1, 1]", "[0, 0], [0.5, 0.5], [1, 1]", "[0, 0], [2, 0], [0, 1]"])
def test_polygons_have_an_area_within_the_picture(tmp_path: Path, corners: str) -> None:
    problems = _problems(tmp_path, f"cameras: [{{name: a, url: rtsp://h/, masks: [[{corners}]]}}]")
    assert problems[0].path.startswith("cameras[0].masks[0]")


RULE = """\
rules:
  - name: a
    when: {event: motion.began, source: %s, zone: path}
    then: [{switch: {target: %s, on: true}}]
devices: [{name: lamp, command_topic: t}]
"""


@pytest.mark.parametrize(
    ("source", "target", "path", "hint"),
    [
        ("yard", "lamp", "rules[0].when.source", "known: door, lamp"),
        ("door", "lamp", "rules[0].when.zone", "known: none"),
        ("lamp", "lump", "rules[0].then[0].switch.target", "known: lamp"),
    ],
)
def test_a_rule_that_names_what_is_not_there(tmp_path: Path, source: str, target: str, path: str, hint: str) -> None:
    problem = _one(tmp_path, FOUR_LINES + RULE % (source, target))
    assert (problem.path, problem.hint) == (path, hint)


@pytest.mark.parametrize(
    ("act", "path", "message"),
    [
        ("set_level: {target: lamp, level_pct: 3}", "set_level", "takes no level"),
        ("set_temperature: {target: lamp, temp_c: 20}", "set_temperature", "takes no temperature"),
        ("notify: {title: x, target: grandma}", "notify", "names no way to tell somebody"),
        ("switch: {target: lump, on: true}", "switch", "names no device"),
    ],
)
@pytest.mark.parametrize("key", ["then", "until.then"])
def test_an_action_nobody_can_carry_out(tmp_path: Path, act: str, path: str, message: str, key: str) -> None:
    text = "devices: [{name: lamp, command_topic: t}]\nrules:\n  - name: a\n    when: {event: motion.began}\n"
    if key == "then":
        text += f"    then: [{{{act}}}]\n"
    else:
        text += f"    then: [{{notify: {{title: x}}}}]\n    until: {{event: motion.ended, then: [{{{act}}}]}}\n"
    problem = _one(tmp_path, text)
    assert (problem.path, message in problem.message) == (f"rules[0].{key}[0].{path}.target", True)


def test_a_rule_about_faces_needs_a_camera_that_looks_at_them(tmp_path: Path) -> None:
    rule = "rules: [{name: a, when: {event: face.recognised, source: door}, then: [{notify: {title: x}}]}]\n"
    assert _one(tmp_path, FOUR_LINES + rule).hint == "set faces: true"
    assert _load(tmp_path, FOUR_LINES + "    faces: true\n" + rule).rules


def test_rule_files_are_read_and_checked_with_their_own_lines(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    rules = tmp_path / "rules" / "a.yaml"
    rules.write_text("- name: a\n  when: {event: motion.began}\n  then: [{notify: {title: x}}]\n", encoding="utf-8")
    text = FOUR_LINES + "rules_files: [rules/a.yaml]\n"
    assert [rule.name for rule in _load(tmp_path, text).rules] == ["a"]
    rules.write_text("- name: a\n  when: {event: motion.began, source: yard}\n  then: []\n", encoding="utf-8")
    assert _one(tmp_path, text).path == "[0].then"
    rules.write_text("- name: a\n  when: {event: motion.began,\n    source: yard}\n  then: [{notify: {title: x}}]\n")
    problem = _one(tmp_path, text)
    assert (Path(problem.file), problem.line, problem.path) == (rules, 3, "[0].when.source")


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    settings = _load(tmp_path, "gateway: {data_dir: data, key_file: key}\ncameras: [{name: a, file: clips/a.mp4}]")
    assert settings.gateway.data_dir == tmp_path / "data"
    assert settings.cameras[0].file == tmp_path / "clips" / "a.mp4"
    assert settings.models_dir == tmp_path / "data" / "models"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "none.yaml")
    assert "No such file" in str(caught.value)
    assert EX_CONFIG == 78


CLIMATE = """\
sensors:
  - {device: hall, quantity: temperature, topic: s/hall}
  - {device: meter, quantity: power, topic: s/meter}
devices:
  - {name: heater, kind: heater, command_topic: d/heater/set}
  - {name: valve, command_topic: d/valve/set, level_command_topic: d/valve/level}
climate:
  rooms:
"""


def test_a_room_names_what_is_there(tmp_path: Path) -> None:
    rooms = "    - {name: hall, sensor: hall, heater: heater, power_sensor: meter}\n"
    rooms += "    - {name: bath, sensor: hall, heater: valve, drive: valve}\n"
    settings = _load(tmp_path, CLIMATE + rooms)
    assert settings.climate.driven == {"heater", "valve"}


@pytest.mark.parametrize(
    ("rooms", "path", "message"),
    [
        ("    - {name: a, sensor: meter}", "climate.rooms[0].sensor", "no sensor measures the temperature of 'meter'"),
        ("    - {name: a, sensor: hall, heater: oven}", "climate.rooms[0].heater", "names no device: 'oven'"),
        (
            "    - {name: a, sensor: hall, windows: [x]}",
            "climate.rooms[0].windows[0]",
            "no sensor measures the contact",
        ),
        ("    - {name: a, sensor: hall, heater: heater, drive: valve}", "climate.rooms[0].drive", "takes no level"),
        ("    - {name: a, sensor: hall, heater: heater, drive: opentherm}", "climate.rooms[0].drive", "no temperature"),
        ("    - {name: a, sensor: hall}\n    - {name: a, sensor: hall}", "climate.rooms[1].name", "is given to two"),
        (
            "    - {name: a, sensor: hall, heater: heater}\n    - {name: b, sensor: hall, spare_heater: heater}",
            "climate.rooms[1].spare_heater",
            "driven by a already",
        ),
        (
            "    - {name: a, sensor: hall}\n  outdoor: garden",
            "climate.outdoor",
            "temperature of 'garden' (known: hall)",
        ),
        ("    - {name: a, sensor: hall}\n  boiler: {device: fire}", "climate.boiler.device", "names no device: 'fire'"),
    ],
)
def test_a_room_that_speaks_of_what_is_not_there(tmp_path: Path, rooms: str, path: str, message: str) -> None:
    problem = _one(tmp_path, CLIMATE + rooms + "\n")
    assert problem.path == path
    assert message in str(problem)
    assert problem.line >= 8


def test_a_device_driven_by_climate_control_is_no_rule_s(tmp_path: Path) -> None:
    rule = """\
    - {name: hall, sensor: hall, heater: heater}
rules:
  - name: warm
    when: {reading: temperature, device: hall, below: 18}
    then: [{switch: {target: heater, on: true}}]
"""
    problem = _one(tmp_path, CLIMATE + rule)
    assert (problem.line, problem.path) == (13, "rules[0].then[0].switch.target")
    assert "is driven by climate control" in problem.message


@pytest.mark.parametrize(
    ("lease", "message"),
    [
        ("{kind: topic}", "a topic belongs to kind: topic"),
        ("{kind: otgw, topic: x}", "a topic belongs to kind: topic"),
        ("{kind: topic, topic: x, payload: now}", "payload must hold {seconds}"),
        ("{kind: tasmota_pulsetime}", "PulseTime belongs to a Tasmota relay"),
    ],
)
def test_a_lease_that_cannot_be_told(tmp_path: Path, lease: str, message: str) -> None:
    text = f"devices:\n  - {{name: heater, command_topic: heater/set, lease: {lease}}}\n"
    assert message in _one(tmp_path, text).message


def test_a_rule_may_wait_for_a_room_s_alarm(tmp_path: Path) -> None:
    rule = """\
    - {{name: hall, sensor: hall}}
rules:
  - name: cold
    when: {{event: climate.alarm, source: {source}, label: heating_failure}}
    then: [{{notify: {{title: The heater fails}}}}]
"""
    settings = _load(tmp_path, CLIMATE + rule.format(source="hall"))
    assert settings.rules[0].when.source == "hall"
    problem = _one(tmp_path, CLIMATE + rule.format(source="attic"))
    assert (problem.path, problem.message, problem.hint) == (
        "rules[0].when.source",
        "names no room: 'attic'",
        "known: hall",
    )
