"""Every colour that text has on the page keeps WCAG AA contrast (4.5:1) with what it lies on."""

import re
from importlib.resources import files

import pytest

PAIRS = [
    *((text, ground) for text in ("ink", "soft", "ember", "bad", "warn", "ok") for ground in ("paper", "card")),
    *((text, "sunk") for text in ("ink", "soft")),
    ("ember-ink", "ember"),
    ("card", "bad"),
    *((text, f"{text}-wash") for text in ("ember", "ok", "warn", "bad")),
]


def themes() -> dict[str, dict[str, str]]:
    css = files("gateway.page").joinpath("ui", "door", "base.css").read_text(encoding="utf-8")
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", css)
    return {head.strip(): dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body)) for head, body in blocks}


def luminance(colour: str) -> float:
    """Relative luminance of sRGB, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [":root", ':root[data-theme="dark"]'])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = themes()[theme]
    light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
