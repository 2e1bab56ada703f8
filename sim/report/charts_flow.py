"""Who moved where: the stages as boxes, the moves between them as bands as wide as the crowd."""

from __future__ import annotations

from sim.agents.stages import MOVES, Stage, move_name
from sim.report.figure import FULL, Figure, Table
from sim.report.format import about, compact, percent, whole
from sim.report.palette import BLUE, ORANGE, RED
from sim.report.svg import QUIET, Drawing
from sim.report.view import CUSTOMER_STAGES, STAGE_NAMES, View

BOX, TALL, GAP = 98.0, 66.0, (FULL - 8 * 98.0) / 7.0
ROW, LAPSED_ROW = 62.0, 248.0  # top of the boxes, px
WIDEST, THINNEST = 40.0, 1.2
FORWARD, BACK, LOSS = BLUE, ORANGE, RED


def flow(view: View) -> Figure:
    """All moves between stages over the horizon."""
    moved = {move: view.total(f"flow_{move_name(move)}") for move in MOVES}
    rows = [(f"{a.name.lower()} → {b.name.lower()}", whole(n), percent(n / view.size)) for (a, b), n in moved.items()]
    return Figure(
        key="flow",
        title="Moves between stages over the whole run",
        reading=_reading(view, moved),
        draw=lambda _: _draw(view, moved),
        table=Table(("move", "moves", "per person in the market"), rows),
        wide=True,
        scrolls=True,
    )


def _reading(view: View, moved: dict[tuple[Stage, Stage], float]) -> str:
    tried = moved[Stage.CONSIDERATION, Stage.DECISION]
    bought, declined = moved[Stage.DECISION, Stage.SERVICE], moved[Stage.DECISION, Stage.CONSIDERATION]
    if tried == 0 and bought == 0:
        return "Nobody came to a decision. The width of a band shows how many moved; people may move more than once."
    text = f"{about(tried)} times somebody came to a decision"
    if bought + declined > 0:
        text += f"; {percent(bought / (bought + declined), 0)} of the decisions made went to the brand"
    lost = moved[Stage.SERVICE, Stage.LAPSED] + moved[Stage.RETENTION, Stage.LAPSED]
    text += f". {about(lost)} left" if lost else ". Nobody left"
    if lost:
        text += f", {percent(moved[Stage.SERVICE, Stage.LAPSED] / lost, 0)} of them as first-time customers"
    return f"{text}. Bands are as wide as the crowd; people may move more than once."


def _left(stage: Stage) -> float:
    """Left edge of a stage's box."""
    return stage * (BOX + GAP) if stage != Stage.LAPSED else 4.5 * (BOX + GAP)


def _draw(view: View, moved: dict[tuple[Stage, Stage], float]) -> Drawing:
    drawing = Drawing(FULL, 334)
    most = max(moved.values()) or 1.0
    for move, people in sorted(moved.items(), key=lambda item: -item[1]):
        if people > 0:
            _band(drawing, move, people, max(THINNEST, WIDEST * people / most))
    for stage in Stage:
        _box(drawing, view, stage)
    drawing.text(0, 14.0, "→ onwards (above)   ← back (below)   ↓ left", size=11, fill=QUIET)
    drawing.text(FULL, 14.0, "in boxes: people on the first morning and on the last evening", size=11, fill=QUIET,
                 anchor="end")  # fmt: skip
    return drawing


def _box(drawing: Drawing, view: View, stage: Stage) -> None:
    x, y = _left(stage), LAPSED_ROW if stage == Stage.LAPSED else ROW
    name = STAGE_NAMES[stage]
    tint = "#e4f2ec" if name in CUSTOMER_STAGES else "#f6e3d8" if stage == Stage.LAPSED else "#eaf3fa"
    drawing.rect(x, y, BOX, TALL, tint, stroke="#59636e", rx=6)
    drawing.text(x + BOX / 2, y + 20.0, name, anchor="middle", size=11.5, bold=True)
    for k, (when, people) in enumerate((("start", view.stage_start(name)), ("end", float(view.stage(name)[-1])))):
        drawing.text(x + 12.0, y + 39.0 + 16.0 * k, when, size=11, fill=QUIET)
        drawing.text(x + BOX - 10.0, y + 39.0 + 16.0 * k, compact(people), size=11, anchor="end")


def _band(drawing: Drawing, move: tuple[Stage, Stage], people: float, wide: float) -> None:
    """One move; its number stands beside it."""
    source, target = move
    number = compact(people)
    if move == (Stage.LAPSED, Stage.CONSIDERATION):
        x, y = _left(Stage.LAPSED), LAPSED_ROW + 0.6 * TALL
        end, floor = _left(target) + 0.3 * BOX, ROW + TALL
        d = f"M{x:.1f} {y:.1f}H{end + 40:.1f}Q{end:.1f} {y:.1f} {end:.1f} {y - 40:.1f}V{floor + 7 + wide / 4:.1f}"
        drawing.path(d, fill="none", stroke=BACK, stroke_width=wide, stroke_opacity=0.85, stroke_dasharray=None)
        _head(drawing, end, floor, "up", wide, BACK)
        drawing.text((x + end) / 2, y - wide / 2 - 5.0, f"{number} won back", anchor="middle", halo=True)
    elif target == Stage.LAPSED:
        side = 0.25 if source == Stage.SERVICE else 0.75
        x, end, y = _left(source) + 0.5 * BOX, _left(target) + side * BOX, ROW + TALL
        stop = LAPSED_ROW - 7.0 - wide / 4
        middle = (y + stop) / 2
        d = f"M{x:.1f} {y:.1f}C{x:.1f} {middle:.1f} {end:.1f} {middle:.1f} {end:.1f} {stop:.1f}"
        drawing.path(d, fill="none", stroke=LOSS, stroke_width=wide, stroke_opacity=0.85)
        _head(drawing, end, LAPSED_ROW, "down", wide, LOSS)
        shift, anchor = (-8.0 - wide / 2, "end") if side < 0.5 else (8.0 + wide / 2, "start")
        drawing.text((x + end) / 2 + shift, middle + 8.0, f"{number} left", anchor=anchor, halo=True)
    elif target > source:
        x, end = _left(source) + BOX, _left(target)
        y = ROW + 0.5 * TALL
        tip = min(14.0, 5.0 + wide / 4)
        drawing.line((x, y), (end - tip + 1, y), FORWARD, wide)
        _head(drawing, end, y, "right", wide, FORWARD, tip)
        drawing.text((x + end) / 2, y - max(wide, 10.0) / 2 - 7.0, number, size=11, anchor="middle", halo=True)
    else:
        x, end, y = _left(source) + 0.25 * BOX, _left(target) + 0.75 * BOX, ROW + TALL
        deep = y + 26.0 + wide
        d = f"M{x:.1f} {y:.1f}C{x:.1f} {deep:.1f} {end:.1f} {deep:.1f} {end:.1f} {y + 6 + wide / 4:.1f}"
        drawing.path(d, fill="none", stroke=BACK, stroke_width=wide, stroke_opacity=0.85)
        _head(drawing, end, y, "up", wide, BACK)
        drawing.text((x + end) / 2, y + 0.75 * (deep - y) + wide / 2 + 12.0, number, anchor="middle", halo=True)


def _head(drawing: Drawing, x: float, y: float, way: str, wide: float, color: str, tip: float | None = None) -> None:
    """An arrow head with its tip at (x, y)."""
    long = tip or min(14.0, 7.0 + wide / 4)
    half = wide / 2 + 3.5
    corners = {
        "right": [(-long, -half), (-long, half)],
        "up": [(-half, long), (half, long)],
        "down": [(-half, -long), (half, -long)],
    }[way]
    points = " ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in [(0.0, 0.0), *corners])
    drawing.add("polygon", points=points, fill=color)
