"""What people say: conversations, posts and reviews."""

from __future__ import annotations

import numpy as np

from sim.report.figure import Figure, Table
from sim.report.format import Axis, about, compact, listed, percent, shares, whole
from sim.report.palette import BAD, BAD_TOO, GOOD, GOOD_TOO, STROKES
from sim.report.plot_lines import Line, line_chart
from sim.report.plot_stacks import Layer, bar_chart
from sim.report.view import View


def said(view: View) -> Figure:
    """Conversations and posts per period, good ones upwards and bad ones downwards."""
    time = view.time
    up = [
        Layer("good conversations", time.rates(view.column("talk_good")), GOOD),
        Layer("good posts", time.rates(view.column("posts_good")), GOOD_TOO),
    ]
    down = [
        Layer("bad conversations", time.rates(view.column("talk_bad")), BAD),
        Layer("bad posts", time.rates(view.column("posts_bad")), BAD_TOO),
    ]
    good, bad = view.total("talk_good", "posts_good"), view.total("talk_bad", "posts_bad")
    posts = view.total("posts_good", "posts_bad")
    if good + bad == 0:
        reading = "Nobody talked about the brand."
    else:
        ratio = f", {compact(good / bad)} good for each bad one" if good and bad else ""
        reading = (
            f"People spoke of the brand {about(good + bad)} times{ratio}; {percent(posts / (good + bad), 0)} of it in "
            "public posts."
        )
    rows = [
        (time.name(first), *(whole(float(layer.values[k])) for layer in (*up, *down)))
        for k, first in enumerate(time.edges[:-1])
    ]
    return Figure(
        key="good-and-bad-talk",
        title=f"Good and bad talk per {time.word}",
        reading=reading,
        draw=lambda width: bar_chart(width, time, up, Axis(f"times per {time.word}"), down=down, height=300.0),
        wide=True,
        table=Table(("from", *(layer.name for layer in (*up, *down))), rows),
    )


def negative(view: View) -> Figure:
    """Share of talk that is bad, in public and in private."""
    time = view.time
    pairs = (("conversations", "talk"), ("posts", "posts"), ("new reviews", "reviews"))
    lines, whole_run = [], []
    for k, (name, column) in enumerate(pairs):
        bad, good = view.column(f"{column}_bad"), view.column(f"{column}_good")
        lines.append(Line(name, time.ratios(bad, bad + good), STROKES[k]))
        every = float((bad + good).sum())
        whole_run.append(float(bad.sum()) / every if every else float("nan"))
    named = zip(pairs, whole_run, strict=True)
    found = [f"{percent(share, 0)} of {name}" for (name, _), share in named if np.isfinite(share)]
    reading = f"Negative were {listed(found)}." if found else "Nothing was said."
    rows = [
        (time.name(first), *(percent(float(line.values[k])) for line in lines))
        for k, first in enumerate(time.edges[:-1])
    ]
    return Figure(
        key="negative",
        title="Share of talk that is negative",
        reading=reading,
        draw=lambda width: line_chart(
            width, time, time.middles, lines, shares("negative share"), height=300.0, least=(0.0, 0.1)
        ),
        table=Table(("from", *(name for name, _ in pairs)), rows),
    )


def reviews(view: View) -> Figure:
    """The stock of reviews, which stays."""
    days = view.time.samples
    good, bad = view.column("reviews_good_stock")[days], view.column("reviews_bad_stock")[days]
    lines = [Line("good", good, STROKES[0]), Line("bad", bad, STROKES[1])]
    every = good + bad
    share = np.divide(good, every, out=np.full(good.size, np.nan), where=every > 0)
    if every[-1] > 0:
        reading = (
            f"{about(float(every[-1]))} reviews stand at the end, {percent(float(share[-1]), 0)} of them good; "
            f"{about(view.total('reviews_good', 'reviews_bad'))} were written during the run."
        )
    else:
        reading = "There are no reviews."
    rows = [
        (view.time.name(day), whole(float(good[k])), whole(float(bad[k])), percent(float(share[k])))
        for k, day in enumerate(days)
    ]
    return Figure(
        key="reviews",
        title="Reviews that stand, good and bad",
        reading=reading,
        draw=lambda width: line_chart(width, view.time, days + 1.0, lines, Axis("reviews")),
        table=Table(("evening of", "good", "bad", "share good"), rows),
    )
