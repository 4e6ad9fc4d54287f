"""The training report, as Markdown."""

from collections.abc import Sequence

from services.factory.lint import lint, table
from services.factory.macs import macs
from services.factory.motion.planes import Kind
from services.factory.motion.table import Boxes, told
from services.factory.motion.threshold import Cost


def report(data: bytes, boxes: Boxes, costs: Sequence[Cost], best: Cost, *, cpu_ms: float, notes: Sequence[str]) -> str:
    """Of scenes from the generator that trains, under other seeds."""
    kinds = [kind for kind in Kind if kind is not Kind.NUISANCE]
    lost = ", ".join(f"{boxes.lost(boxes.least(0.01), kind):.1%} of {kind.name.lower()}s" for kind in kinds)
    lines = [
        "# Training report of the motion network",
        "",
        "Written by `python -m services.factory motion`. All figures are of scenes of the generator that trains, under",
        "other seeds; how it does on what it never saw is told in `docs/motion.md`.",
        "",
        f"- {len(data)} bytes, {macs(data) / 1e6:.1f} million MACs, {cpu_ms:.2f} CPU ms a look (x86, shared cores)",
        *(f"- {note}" for note in notes),
        f"- int8, boxes without figures: {told(boxes)}",
        f"- int8, at 1 % lost: {lost}",
        "",
        "Whole scenes, with belief held. Missed: of the frames in which the cheap detector drew a box around a figure,",
        "many of them hardly visible. Left: of its frames without any figure.",
        "",
        "| logit | missed | left |",
        "|---|---|---|",
        *(f"| {_bold(cost, best)} | {cost.missed:.1%} | {cost.left:.1%} |" for cost in costs),
        "",
        "```",
        table(lint(data)).rstrip(),
        "```",
        "",
    ]
    return "\n".join(lines)


def _bold(cost: Cost, best: Cost) -> str:
    return f"**{cost.logit:g}**" if cost is best else f"{cost.logit:g}"
