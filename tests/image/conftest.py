"""What needs a built image runs only when it is asked for by its marker; what it measures is told at the end."""

from collections.abc import Iterator

import pytest

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


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> Iterator[None]:
    yield
    for name, value in config.stash[_FIGURES].items():
        terminalreporter.write_line(f"measured: {name}: {value:.0f}")
