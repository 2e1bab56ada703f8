"""Who outraged whom: a tree from the first posters in the middle outwards, one ring per link of the chain."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.report.frame import legend, mark, sample
from sim.report.palette import STROKES, Stroke
from sim.report.svg import GRID, QUIET, Drawing

#: Marks by the way somebody was reached: shape and shade, so that black and white will do.
WAYS: dict[str, tuple[str, Stroke]] = {
    "first": ("first posters", STROKES[1]),
    "platform": ("by a post of somebody followed", STROKES[0]),
    "close": ("by word of mouth", STROKES[2]),
    "hub": ("on the brand's page", STROKES[3]),
    "media": ("by the media", STROKES[4]),
}


def depths(who: Sequence[int], source: Sequence[int]) -> list[int]:
    """Links of the chain from somebody outraged by nobody (0) to each consumer; the list is in order of time."""
    depth: dict[int, int] = {}
    for consumer, by in zip(who, source, strict=True):
        depth[consumer] = depth[by] + 1 if by in depth else 0
    return [depth[consumer] for consumer in who]


def network_chart(width: float, who: Sequence[int], source: Sequence[int], channel: Sequence[str]) -> Drawing:
    """The tree of a sample of infections, in order of time: consumer, by whom (-1 nobody), and by what."""
    size = min(width, 760.0)
    ways = [way for way in WAYS if way in set(channel)]
    drawing = Drawing(width, size + 40.0)
    top = legend(drawing, [(WAYS[way][0], sample(WAYS[way][1])) for way in ways])
    depth = depths(who, source)
    rings = max(depth, default=0) + 1
    cx, cy = width / 2.0, top + 8.0 + (size - 20.0) / 2.0
    gap = (size - 40.0) / 2.0 / rings
    children: dict[int, list[int]] = {}
    for consumer, by, d in zip(who, source, depth, strict=True):
        children.setdefault(by if d else -1, []).append(consumer)
    leaves = _leaves(children)
    spots: dict[int, tuple[float, float]] = {}
    _place(children, leaves, -1, 0.0, 2.0 * math.pi, -1, gap, cx, cy, spots)
    for ring in range(1, rings + 1):
        drawing.add("circle", cx=cx, cy=cy, r=ring * gap, fill="none", stroke=GRID)
    for consumer, by, d in zip(who, source, depth, strict=True):
        if d:
            drawing.line(spots[by], spots[consumer], QUIET, 0.8)
    for consumer, way in zip(who, channel, strict=True):
        stroke = WAYS[way][1]
        mark(drawing, stroke.mark, *spots[consumer], stroke.color)
    return drawing


def _leaves(children: dict[int, list[int]]) -> dict[int, int]:
    """How many ends hang on each node, without recursion, as chains can be long."""
    order = [-1]
    for node in order:
        order.extend(children.get(node, ()))
    count: dict[int, int] = {}
    for node in reversed(order):
        count[node] = sum(count[child] for child in children.get(node, ())) or 1
    return count


def _place(
    children: dict[int, list[int]], leaves: dict[int, int], root: int, start: float, turn: float, ring: int, gap: float,
    cx: float, cy: float, spots: dict[int, tuple[float, float]],
) -> None:  # fmt: skip
    """Give every node the middle of its share of the circle."""
    waiting = [(root, start, turn, ring)]
    while waiting:
        node, begin, span, at = waiting.pop()
        if at >= 0:
            angle = begin + span / 2.0
            radius = (at + 1) * gap
            spots[node] = (cx + radius * math.cos(angle), cy + radius * math.sin(angle))
        for child in children.get(node, ()):
            share = span * leaves[child] / leaves[node]
            waiting.append((child, begin, share, at + 1))
            begin += share
