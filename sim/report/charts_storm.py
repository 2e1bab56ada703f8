"""A storm hour by hour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.report.figure import Figure, Table
from sim.report.format import Axis, about, whole, words
from sim.report.palette import BAD, BAD_TOO, PLAIN
from sim.report.plot_hours import hour_chart
from sim.report.plot_stacks import Layer

SHOWN_HOURS = 96
POSTS = {
    "posts_consumers": ("on own pages", PLAIN),
    "posts_hub": ("on the brand's page", BAD_TOO),
    "posts_trolls": ("by trolls", BAD),
}


def first_hours(storm: pd.DataFrame) -> pd.DataFrame:
    """A row for every hour from the first on, `SHOWN_HOURS` at most: empty between one storm and the next."""
    since = (storm["time"] - storm["time"].iloc[0]) // pd.Timedelta(hours=1)
    last = int(since[since < SHOWN_HOURS].iloc[-1])
    empty: dict[str, str | bool] = {"response": "", "media": False}
    rows = storm.drop(columns=["day", "time"]).set_index(since.to_numpy())
    return pd.DataFrame(
        {name: rows[name].reindex(range(last + 1), fill_value=empty.get(str(name), 0)) for name in rows}
    )


def hours(storm: pd.DataFrame) -> Figure:
    """Posts in the first four days of a storm, with what the media and the brand did; `storm` has a row at least."""
    shown = first_hours(storm)
    layers = [Layer(name, shown[column].to_numpy(np.float64), fill) for column, (name, fill) in POSTS.items()]
    volume = np.sum([layer.values for layer in layers], axis=0)
    peak = int(volume.argmax())
    below = np.flatnonzero(volume[peak:] <= volume[peak] / 2.0)
    half = f"; half of it is left {below[0]} hours later" if below.size else ""
    people = float(storm[[column for column in storm if str(column).startswith("reached_")]].sum().sum())
    rows = [
        (str(k), *(whole(float(shown[c].iloc[k])) for c in (*POSTS, "joined", "outraged", "supporters")))
        for k in range(len(shown))
    ]
    media = shown["media"].to_numpy()
    marks = [(int(media.argmax()), "media report")] if media.any() else []
    marks += [(k, words(kinds)) for k, kinds in enumerate(shown["response"]) if kinds]
    return Figure(
        key="storm-hours",
        title="Posts in a storm, hour by hour",
        reading=f"The busiest hour is number {peak} with {about(float(volume[peak]))} posts{half}. In all "
        f"{about(people)} people saw it and {about(float(storm['joined'].sum()))} were outraged.",
        draw=lambda width: hour_chart(width, layers, Axis("posts per hour"), marks),
        table=Table(
            ("hour", "own pages", "hub", "trolls", "newly outraged", "outraged", "supporters"),
            rows,
        ),
        wide=True,
    )
