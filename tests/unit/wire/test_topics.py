"""Topics are safe whatever a camera is called, and distinct."""

import pytest

from gateway.wire.topics import Topics, slug


@pytest.mark.parametrize("name", ["front door", "Eingang/Hof", "a+b", "#", "", "Küche", "../x", "😀"])
def test_an_odd_name_becomes_one_safe_level(name: str) -> None:
    assert set(slug(name)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert slug(name) not in {name, ""}


def test_names_that_look_alike_stay_apart() -> None:
    assert len({slug(name) for name in ("front door", "front_door", "front/door", "front+door")}) == 4


def test_topics_are_as_documented() -> None:
    topics = Topics(gateway="home")
    assert topics.status == "hearthgate/home/status"
    assert topics.health("camera/door") == "hearthgate/home/health/camera/door"
    assert topics.camera("door", "motion") == "hearthgate/home/camera/door/motion"
    assert topics.health("camera/front door/#").count("/") <= 7
