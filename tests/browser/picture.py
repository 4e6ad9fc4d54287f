"""The picture of the page for the README: `python -m tests.browser.picture docs/images/home.png`."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.conftest import claim, until, visit
from tests.browser.house import furnish, open_house


async def main(target: Path) -> None:
    with TemporaryDirectory() as folder:
        async with (
            open_house(Path(folder), cameras=("garden", "front_door")) as house,
            visit(viewport={"width": 1280, "height": 800}) as page,
        ):
            await furnish(house)
            await claim(page, house)
            await until(page, "[...document.querySelectorAll('.tile')].every((tile) => tile.dataset.mode === 'live')")
            await page.screenshot(path=target)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
