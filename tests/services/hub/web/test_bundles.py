"""Models and images as operators bring them, and move them on."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from services.hub.registry import kinds
from tests.services.hub.registry.shop import bundle, image
from tests.services.hub.web.site import NAME, Page, site

BOARD = "/images?board=rpi&version=1.3.0"


async def upload(page: Page, path: str, data: bytes) -> tuple[int, Any]:
    headers = {"Origin": page.base, "X-Hearthgate-Token": page.token, "Content-Type": "application/octet-stream"}
    answer = await page.http.post(f"{page.base}/api/v1{path}", data=io.BytesIO(data), headers=headers)
    return answer.status, await answer.json()


async def test_a_model_is_uploaded_promoted_and_removed(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        status, made = await upload(page, "/models", bundle(2))
        assert (status, made["model"], made["serial"], made["channels"]) == (201, "tiny", 2, ["dev"])
        assert (await page.send("POST", "/models/tiny/promote", {"channel": "stable"}))[1]["key"] == "channel_empty"
        assert (await page.send("POST", "/models/tiny/promote", {"channel": "beta"}))[0] == 200
        (shown,) = (await page.read("/models"))["models"]
        assert (shown["sha256"], shown["channels"]) == (hashlib.sha256(bundle(2)).hexdigest(), ["beta", "dev"])
        assert (await page.send("DELETE", f"/bundles/{made['sha256']}"))[0] == 204
        assert (await page.read("/models"))["models"] == []
        audit = [(one["who"], one["what"]) for one in (await page.read("/audit"))["audit"]]
    assert audit[:3] == [(NAME, "model_removed"), (NAME, "model_promoted"), (NAME, "model_added")]


async def test_an_image_larger_than_any_other_body_is_uploaded(tmp_path: Path) -> None:
    data = image(bytes(3 << 20))
    async with site(tmp_path) as page:
        status, made = await upload(page, BOARD, data)
        assert (status, made["board"], made["version"], made["bytes"]) == (201, "rpi", "1.3.0", len(data))
        assert (await page.send("POST", "/images/rpi/promote", {"channel": "beta"}))[1]["channels"] == ["beta"]
        (shown,) = (await page.read("/images"))["images"]
        assert (shown["sha256"], shown["channels"]) == (hashlib.sha256(data).hexdigest(), ["beta", "dev"])
        assert (await page.read("/models"))["models"] == []


@pytest.mark.parametrize(
    ("path", "data", "key"),
    [
        ("/models", b"no bundle", "bundle_invalid"),
        (BOARD, bundle(2), "bundle_invalid"),
        ("/images", image(), "image_about_invalid"),
        ("/images?board=../x&version=1", image(), "image_about_invalid"),
        (f"{BOARD}&sha256={'0' * 64}", image(), "bundle_hash"),
        (BOARD, image(bytes(5000)), "bundle_too_large"),
    ],
)
async def test_what_cannot_come_in_is_told(
    path: str, data: bytes, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "MOST_IMAGE_BYTES", 5000)
    async with site(tmp_path) as page:
        status, told = await upload(page, path, data)
        assert (status >= 400, told["key"]) == (True, key)
        assert "{" not in told["message"]
        assert not [file for file in (tmp_path / "bundles").rglob("*") if file.is_file()]
        assert "_added" not in str(await page.read("/audit"))
