"""What a board's device tree says that one device needs of others before its driver can begin.

The format is that of the Devicetree Specification v0.4, chapter 5; links from device to device are those that Linux
follows, too (drivers/of/property.c).
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_BEGIN, _END, _PROPERTY, _NOP = 1, 2, 3, 4
_LISTS = {
    "clocks": "#clock-cells",
    "resets": "#reset-cells",
    "power-domains": "#power-domain-cells",
    "mboxes": "#mbox-cells",
    "phys": "#phy-cells",
    "interrupts-extended": "#interrupt-cells",
    "msi-parent": "#msi-cells",
}
"""Of phandles, each with as many numbers as the device that it names says."""
_GPIOS = re.compile(r"(.*-)?gpios?")
_ALONE = re.compile(r".*-supply|pinctrl-\d+|interrupt-parent")
"""Of phandles and nothing else."""


@dataclass(slots=True, eq=False)
class Node:
    name: str
    parent: "Node | None"
    properties: dict[str, bytes] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    @property
    def compatible(self) -> list[str]:
        return [text.decode() for text in self.properties.get("compatible", b"").split(b"\0") if text]

    @property
    def on(self) -> bool:
        return self.properties.get("status", b"okay\0") in (b"okay\0", b"ok\0")

    def cells(self, name: str) -> tuple[int, ...]:
        value = self.properties.get(name, b"")
        return struct.unpack(f">{len(value) // 4}I", value[: len(value) // 4 * 4])

    def all(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.all()


def parse(file: Path) -> Node:
    blob = file.read_bytes()
    at, strings = struct.unpack_from(">II", blob, 8)
    top = node = Node("", None)
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == _BEGIN:
            name = blob[at : blob.index(b"\0", at)]
            node = Node(name.decode(), node)
            assert node.parent is not None
            node.parent.children.append(node)
            at += (len(name) + 4) & ~3
        elif token == _PROPERTY:
            size, offset = struct.unpack_from(">II", blob, at)
            place = strings + offset
            node.properties[blob[place : blob.index(b"\0", place)].decode()] = blob[at + 8 : at + 8 + size]
            at += (8 + size + 3) & ~3
        elif token == _END:
            assert node.parent is not None
            node = node.parent
        elif token != _NOP:
            return top.children[0]


def needed(board: Node, device: Node) -> set[Node]:
    """`device`, all that it needs, all that those need, and the buses that they are on."""
    by_phandle = {node.cells("phandle")[0]: node for node in board.all() if "phandle" in node.properties}
    found: set[Node] = set()
    left = [device]
    while left:
        node = left.pop()
        if node in found:
            continue
        found.add(node)
        left += [by_phandle[number] for number in _phandles(node, by_phandle)]
        if node.parent is not None:
            left.append(node.parent)
    return found


def _phandles(node: Node, by_phandle: dict[int, Node]) -> Iterator[int]:
    for name in node.properties:
        counted = "#gpio-cells" if _GPIOS.fullmatch(name) else _LISTS.get(name)
        if _ALONE.fullmatch(name):
            yield from (number for number in node.cells(name) if number in by_phandle)
        elif counted:
            cells = iter(node.cells(name))
            for number in cells:
                yield number
                for _ in range((by_phandle[number].cells(counted) or (0,))[0]):
                    next(cells)
