"""What needs a built image runs only when it is asked for by its marker."""

import pytest

ASKED_FOR = ("image", "nightly")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("markexpr")
    for item in items:
        for marker in ASKED_FOR:
            if item.get_closest_marker(marker) and marker not in wanted:
                item.add_marker(pytest.mark.skip(reason=f"only with -m {marker}: make test-image"))
