"""The training report, as Markdown."""

from collections.abc import Sequence

from services.factory.lint import lint, table
from services.factory.motion.planes import Kind
from services.factory.motion.table import LOSES, Boxes


def report(
    data: bytes, before: Boxes, after: Boxes, *, macs: int, cpu_ms: float, pairs: int, history: Sequence[str]
) -> str:
    """Of boxes of scenes from the generator that trains, under other seeds; `docs/motion.md` has the figures of
    scenes that it never saw."""
    figures = int(after.figure.sum())
    lines = [
        "# Training report of the motion network",
        "",
        "Written by `python -m services.factory motion`.",
        f"Trained on {pairs} pairs; judged here on {len(after.figure)} boxes of other scenes of the same generator,",
        f"{figures} of them with a figure. How it does on what it never saw is told in `docs/motion.md`.",
        "",
        f"- {len(data)} bytes, {macs / 1e6:.1f} million multiplications and {cpu_ms:.2f} CPU ms a look (x86, shared)",
        *(f"- {line}" for line in history[-1:]),
        "",
        "| boxes with figures lost | boxes without left, float | boxes without left, int8 |",
        "|---|---|---|",
        *(f"| {lost:.1%} | {_left(before, lost)} | {_left(after, lost)} |" for lost in LOSES),
        "",
        "At 1 % lost, int8: "
        + ", ".join(
            f"{after.lost(after.least(0.01), kind):.1%} of {kind.name.lower()}s"
            for kind in Kind
            if kind is not Kind.NUISANCE
        )
        + ".",
        "",
        "```",
        table(lint(data)).rstrip(),
        "```",
        "",
    ]
    return "\n".join(lines)


def _left(boxes: Boxes, lost: float) -> str:
    return f"{boxes.left(boxes.least(lost)):.1%}"
