import pytest

from gateway.errors import ConfigError, Problem, SourceLost, Transient, without_secrets


@pytest.mark.parametrize(
    "text",
    [
        "cannot open rtsp://user:canary@10.0.0.1:554/cam0",
        "rtsp://canary@host/x and http://a:canary@b",
        "rtsp://u:ca%40canary@host/stream",
        "rtsp://u:p@canary@host/stream",
    ],
)
def test_user_info_is_taken_out_of_every_url(text: str) -> None:
    assert "canary" not in without_secrets(text)


def test_an_error_carries_key_and_facts_and_no_secret() -> None:
    error = SourceLost("camera_lost", url="rtsp://u:canary@h/s", after_s=3)
    assert isinstance(error, Transient)
    assert error.key == "camera_lost"
    assert str(error) == "camera_lost (url=rtsp://h/s, after_s=3)"


def test_a_config_error_lists_every_problem_with_place_and_hint() -> None:
    error = ConfigError(
        [
            Problem(file="g.yaml", line=3, path="cameras[0].url", message="missing", hint="say where it is"),
            Problem(file="g.yaml", line=9, path="web", message="unknown key"),
        ]
    )
    assert str(error).splitlines() == [
        "g.yaml:3: cameras[0].url: missing (say where it is)",
        "g.yaml:9: web: unknown key",
    ]
