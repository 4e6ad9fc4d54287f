"""What needs a built image runs only when it is asked for by its marker; what it measures is told at the end.

A start takes an emulated PC more than a minute: one machine lives through all tests that need one, in the order of
their files, from its first start to an update that stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.browser import Browser
from tests.image.home import CLIP, flashed, write_clip
from tests.image.image import find, medium
from tests.image.machine import MEDIA, Machine, running
from tests.image.offers import large, refused

ASKED_FOR = ("image", "nightly")
_FIGURES = pytest.StashKey[dict[str, float]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_FIGURES] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("markexpr")
    for item in items:
        for marker in ASKED_FOR:
            if item.get_closest_marker(marker) and marker not in wanted:
                item.add_marker(pytest.mark.skip(reason=f"only with -m {marker}: make test-image"))


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> dict[str, float]:
    """Put in by what they mean, with the unit."""
    return pytestconfig.stash[_FIGURES]


@pytest.fixture(scope="session")
def offers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Bundles to be refused, by what is wrong with them."""
    return refused(tmp_path_factory.mktemp("offers") / "refused")


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory, offers: dict[str, Path]) -> Iterator[Machine]:
    """A PC that was started for the first time, with a second disk that stands for a stick with bundles."""
    folder = tmp_path_factory.mktemp("pc")
    image = find("x86_64")
    media = medium(
        [write_clip(folder / "clip.mp4"), *large(image, folder), offers["older"], offers["toaster"]],
        folder / "media.ext4",
    )
    with running(flashed(image, folder), folder, media) as machine:
        machine.see_media()
        machine.vm.run(f"install -o hearthgate -m 0600 {MEDIA}/clip.mp4 {CLIP}")
        yield machine


@pytest.fixture(scope="session")
def browser(machine: Machine) -> Browser:
    browser = Browser(machine)
    browser.wait()
    return browser


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> Iterator[None]:
    yield
    for name, value in config.stash[_FIGURES].items():
        terminalreporter.write_line(f"measured: {name}: {value:.0f}")
