"""The report of a storm study, put together."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from sim.report import charts_storm
from sim.report import storm_words as say
from sim.report.figure import Figure, Listing, Section, Table
from sim.report.format import Axis, about, compact, euro, euros, listed, percent, signed, whole, words
from sim.report.page import Card, Page
from sim.report.palette import STROKES
from sim.report.plot_bands import Band, band_chart
from sim.report.plot_network import WAYS, depths, network_chart
from sim.report.plot_ranges import Range, range_chart
from sim.report.study_settings import span
from sim.report.view import Periods
from sim.scenario.storm import ResponseKind
from sim.scenario.words import counted, people
from sim.studies.paired import Difference, band
from sim.studies.prevention import Prevention
from sim.studies.storm_study import StormStudy
from sim.studies.storm_track import Track
from sim.version import VERSION


def storm_html(found: StormStudy, before: Prevention | None = None) -> str:
    """The report of a storm study as one self-contained HTML document."""
    scenario, cause = found.scenario, found.scenario.storm.triggers[0]
    time = Periods(scenario.start_date, scenario.days)
    sections = [_hours(found), _answers(found), _network(found), _shadow(found, time)]
    if before is not None:
        sections.append(_prevention(before))
    return Page(
        kind="storm",
        span=span(scenario),
        title=f"{scenario.title}: a {words(cause.kind)}",
        headline=say.answer(found),
        lede=say.lede(found),
        cards=_cards(found),
        cards_intro=f"The storm without an answer, against the same run without it; {_seeds(found)}.",
        sections=sections,
        assumed="The cause in short. The file scenario.toml beside this page has every setting.",
        settings=_assumed(found),
        caveats=[
            ("How to read these numbers", say.reading_guide(found)),
            ("What is assumed of each response", [f"{words(cell)}: {say.SOURCES[cell]}" for cell in _kinds(found)]),
            ("What was not tested", say.not_tested()),
        ],
        provenance=f"journey-simulator {VERSION} · fingerprint {scenario.fingerprint[:16]} · {_seeds(found)} · "
        "scenario.toml and provenance.json beside this page give every setting and version",
    ).html()


def _kinds(found: StormStudy) -> list[ResponseKind]:
    return list(dict.fromkeys(cell.kind for cell in found.cells))


def _seeds(found: StormStudy) -> str:
    many = len(found.seeds)
    return f"seeds {found.seeds[0]} to {found.seeds[-1]}" if many > 1 else f"seed {found.seeds[0]}"


def _spread(gap: Difference, text: Callable[[float], str]) -> str:
    return f"{text(gap.low)} to {text(gap.high)}" if math.isfinite(gap.low) else ""


def _with_spread(gap: Difference, text: Callable[[float], str]) -> str:
    spread = _spread(gap, text)
    return f"{text(gap.mean)} ({spread})" if spread else text(gap.mean)


def _cards(found: StormStudy) -> list[Card]:
    profit, end, equity = found.loss(0, "profit"), found.loss(0, "customers_end"), found.equity_loss(0)
    revenue, won, lost = (found.loss(0, name) for name in ("revenue", "won", "lost"))
    reached = found.mean(0, lambda t: float(t.reached.sum()))
    outraged = found.mean(0, lambda t: t.outraged)
    bad = found.values(0, lambda t: t.reviews_bad.sum()) - found.values(-1, lambda t: t.reviews_bad.sum())
    sources = np.sum([tracks[1].posts.sum(axis=0) for tracks in found.tracks], axis=0)
    every = max(1.0, float(sources.sum()))
    media = found.mean(0, lambda t: float(t.reached[4])).mean / max(1.0, reached.mean)
    peak = found.mean(0, lambda t: float(t.volume.max(initial=0.0)))
    back = found.days_until_back(0, "feeling"), found.days_until_back(0, "first_purchases", 14)
    return [
        Card(
            "Profit",
            euro(profit.mean),
            _spread(profit, euro),
            f"change over the run, cost included; revenue {euro(revenue.mean)}",
        ),
        Card(
            "Customer equity",
            euro(equity.mean),
            _spread(equity, euro),
            "change: profit of the run and value of the customers at its end",
        ),
        Card(
            "Customers at the end",
            compact(end.mean),
            _spread(end, compact),
            f"change: {compact(-won.mean)} not won, {compact(lost.mean)} more lost",
        ),
        Card("Reached", compact(reached.mean), "", f"people; {percent(media, 0)} first by the media"),
        Card("Outraged", compact(outraged.mean), "", "people who posted or told others"),
        Card(
            "Peak",
            compact(peak.mean),
            "",
            f"posts an hour: on own pages {percent(sources[0] / every, 0)}, on the hub "
            f"{percent(sources[1] / every, 0)}, by trolls {percent(sources[2] / every, 0)}",
        ),
        Card(
            "Bad reviews",
            compact(float(bad.mean())),
            "",
            "change over the run; they stay, but who has left writes none",
        ),
        Card("Feeling is back", _days(back[0]), "", "after the trigger: within a tenth of the largest loss"),
        Card("Buying is back", _days(back[1]), "", "after the trigger: first purchases, means of two weeks"),
    ]


def _days(days: float) -> str:
    if not math.isfinite(days):
        return "not yet"
    return f"{days:.0f} day{'s' if days != 1 else ''}" if days else "no loss"


def _hours(found: StormStudy) -> Section:
    storm = found.storm
    intro = "What is posted where from the trigger on, without an answer, in the first seed."
    if storm.empty:
        return Section("hours", "Hour by hour", intro, notes=["Nobody posted."])
    peak, half = found.mean(0, lambda track: track.peak_hour).mean, found.mean(0, lambda track: track.half_life).mean
    left = f"half of it is left {say.hours(half)} later" if math.isfinite(half) else "it does not fall to half of it"
    ways = [
        (about(float(storm[f"reached_{way}"].sum())), WAYS[way][0]) for way in WAYS if storm[f"reached_{way}"].any()
    ]
    peaks = f"Over all seeds the peak comes after {say.hours(peak)}, and {left}."
    notes = [
        peaks if math.isfinite(peak) else "Nobody posted where others could see it.",
        f"In the first seed people were reached first: {listed([f'{number} {way}' for number, way in ways])}.",
    ]
    return Section("hours", "Hour by hour", intro, [charts_storm.hours(storm)], notes)


def _answers(found: StormStudy) -> Section:
    rows = []
    for k, cell in enumerate(found.cells):
        gap = found.loss(k, "profit")
        rows.append(Range(cell.name, gap.mean, gap.low, gap.high, euro(gap.mean), gap.mean >= 0))
    columns = ("response", "delay", "answered", "outraged", "reached", "customers", "profit", "95 %", "equity", "cost")
    table, apart = [], []
    for k, cell in enumerate(found.cells):
        profit, best, end = found.loss(k, "profit"), found.against(k, found.best), found.loss(k, "customers_end")
        same = [found.cells[j].name for j in found.same_as(k) if j in found.tried]
        table.append(
            (
                words(cell.kind),
                "–" if cell.delay_hours is None else f"{cell.delay_hours} h",
                "–" if cell.delay_hours is None else f"{found.answered_in(k)} of {len(found.seeds)}",
                compact(found.mean(k, lambda t: t.outraged).mean),
                compact(found.mean(k, lambda t: float(t.reached.sum())).mean),
                compact(end.mean),
                euro(profit.mean),
                _spread(profit, euro) or "–",
                euro(found.equity_loss(k).mean),
                euro(found.cost(k).mean),
            )
        )
        apart.append(
            (
                cell.name,
                euro(best.mean),
                _spread(best, euro) or "–",
                _verdict(found, k),
                (listed(same) or "none") if len(same) < 5 else f"{listed(same[:3])} and {len(same) - 3} others",
            )
        )
    waits = [
        (
            f"{words(row['response'])}: {row['from_hours']} → {row['to_hours']} h",
            euro(row["eur_per_hour"]),
            f"{euro(row['low'])} to {euro(row['high'])}" if math.isfinite(row["low"]) else "–",
        )
        for row in found.delays().to_dict("records")
    ]
    figure = Figure(
        "responses",
        "Profit against the run without a storm, by response and delay",
        "Points left of zero cost profit; the cost of the response is in them. Certain if the interval excludes zero.",
        lambda width: range_chart(width, rows, euros("change in profit over the run")),
        Table(("response", "change"), [(row.name, row.text) for row in rows]),
        wide=True,
    )
    listings = [
        Listing(
            "Responses and delays",
            columns,
            [("", table)],
            "Changes against the same run without a storm; profit with the cost of the answer. “Answered”: in how many "
            "seeds the storm was noticed and still alive at the answer's hour; in the others it is silence.",
        ),
        Listing(
            "Customers and customer equity",
            ("response", "not won", "more lost", "customers at the end", "equity"),
            [("", _customers(found))],
            "Changes against the same run without a storm, seed by seed; in brackets 95 % intervals.",
        ),
        Listing(
            "Which answers cannot be told apart",
            ("response", "profit against the best", "95 %", "from the best", "cannot be told from"),
            [("", apart)],
            "Seed by seed; what includes zero may be luck.",
            words=True,
        ),
    ]
    if waits:
        listings.append(
            Listing(
                "The price of an hour of delay",
                ("response and wait", "profit lost per hour", "95 %"),
                [("", waits)],
                "Between neighbouring delays that were answered in every seed; with zero in the interval the price is "
                "not certain.",
            )
        )
    assumed = [(words(kind), say.SOURCES[kind]) for kind in _kinds(found)]
    listings.append(
        Listing("The assumption behind each response", ("response", "who found what"), [("", assumed)], words=True)
    )
    return Section(
        "answers",
        "Answers",
        "The same storm, answered in different ways and after different delays.",
        [figure],
        listings=listings,
    )


def _customers(found: StormStudy) -> list[tuple[str, ...]]:
    """Customers not won, lost and left, and what they are worth, by policy."""
    rows: list[tuple[str, ...]] = []
    for k, cell in enumerate(found.cells):
        won, lost, end = (found.loss(k, name) for name in ("won", "lost", "customers_end"))
        held, worth = _with_spread(end, compact), _with_spread(found.equity_loss(k), euro)
        rows.append((cell.name, compact(-won.mean), compact(lost.mean), held, worth))
    return rows


def _verdict(found: StormStudy, cell: int) -> str:
    """How a policy stands against the best one, and whether its answer came in every seed."""
    if cell not in found.tried:
        return say.came_in(found, cell)
    came = found.cells[cell].delay_hours is None or found.answered_in(cell) == len(found.seeds)
    return _standing(found, cell) + ("" if came else f"; {say.came_in(found, cell)}")


def _standing(found: StormStudy, cell: int) -> str:
    if cell == found.best:
        return "is the best on average" if len(found.tried) > 1 else "no answer beside it"
    return "certainly worse" if found.told_apart(cell) else "cannot be told apart"


def _network(found: StormStudy) -> Section:
    pairs = found.infections
    intro = "The first people outraged in the first seed, and through whom; lines lead from the middle outwards."
    if pairs.empty:
        return Section("network", "Who outraged whom", intro, notes=["Nobody was outraged."])
    who, source = pairs["consumer"].tolist(), pairs["source"].tolist()
    channel = pairs["channel"].astype(str).tolist()
    depth = depths(who, source)
    ways = {way: channel.count(way) for way in WAYS if way in channel}
    busiest = max(set(source) - {-1}, key=source.count, default=-1)
    reading = (
        f"{len(who)} of the simulated consumers: {ways.get('first', 0)} began; the longest chain has {max(depth)} links"
        + (f", and one of them outraged {source.count(busiest)} others." if busiest >= 0 else ".")
    )
    rows = [(WAYS[way][0], str(number)) for way, number in ways.items()]
    figure = Figure(
        "network-tree",
        "Who outraged whom: a sample",
        reading,
        lambda width: network_chart(width, who, source, channel),
        Table(("reached", "consumers"), rows),
        wide=True,
    )
    return Section("network", "Who outraged whom", intro, [figure])


def _shadow(found: StormStudy, time: Periods) -> Section:
    cells = sorted({0, found.best}, key=lambda k: k != 0)
    days = np.arange(time.days) + 1.0
    figures = []
    for column, title, axis in (
        ("profit", "Profit so far, against the run without a storm", euros("change in cumulated profit")),
        ("customers", "Customers, against the run without a storm", Axis("people")),
        ("feeling", "Feeling of those who know the brand, against the run without a storm", Axis("points on −1…+1")),
    ):
        bands = []
        for k, cell in enumerate(cells):
            middle, low, high = band([_path(t[1 + cell], column) - _path(t[0], column) for t in found.tracks])
            bands.append(Band(found.cells[cell].name, middle, low, high, STROKES[k]))
        last = {b.name: float(b.values[-1]) for b in bands}
        text = {"profit": euro, "customers": compact, "feeling": signed}[column]
        reading = listed([f"{text(value)} at the end with {name}" for name, value in last.items()]) + "."
        spots = time.samples
        rows = [(time.name(day), *(text(float(b.values[day])) for b in bands)) for day in spots]
        figures.append(
            Figure(
                f"shadow-{column}",
                title,
                reading[0].upper() + reading[1:],
                partial(band_chart, time=time, days=days, bands=bands, axis=axis),
                Table(("evening of", *(b.name for b in bands)), rows),
            )
        )
    back = [
        (
            found.cells[k].name,
            _days(found.days_until_back(k, "feeling")),
            _days(found.days_until_back(k, "first_purchases", 14)),
            _days(found.days_until_back(k, "customers")),
        )
        for k in range(len(found.cells))
    ]
    listing = Listing(
        "Days until the indicators are back",
        ("response", "feeling", "new purchases", "customers"),
        [("", back)],
        "From the trigger until the mean over seeds is within a tenth of its largest loss and stays there to the end "
        "of the run. “Not yet”: not by the end of the run, a longer one may show it. “No loss”: never below the run "
        "without a storm.",
    )
    return Section(
        "shadow",
        "The long shadow",
        "What is left of it over the rest of the run.",
        figures,
        listings=[_moods(found), listing],
    )


def _moods(found: StormStudy) -> Listing:
    """Feeling and bad reviews before, during and after the storm."""
    rows = []
    for k in (-1, *sorted({0, found.best})):
        feeling, bad = found.mood(k, "feeling"), found.mood(k, "reviews_bad")
        cells = [signed(value) if math.isfinite(value) else "–" for value in feeling.values()]
        cells += [compact(value) for value in bad.values()]
        rows.append(("without a storm" if k < 0 else found.cells[k].name, *cells))
    return Listing(
        "Feeling and bad reviews before, during and after",
        ("", "feeling before", "during", "after", "bad reviews a day before", "during", "after"),
        [("", rows)],
        "Before: the week before the trigger. During: until the last hour in which anybody is outraged if nobody "
        "answers. After: the rest of the run. Feeling is on −1…+1, of those who know the brand.",
    )


def _path(track: Track, column: str) -> np.ndarray:
    return np.cumsum(track.profit_eur) if column == "profit" else np.asarray(getattr(track, column))


def _prevention(found: Prevention) -> Section:
    rows, ranges = [], []
    for k, measure in enumerate(found.measures):
        damage, gain = found.damage(k), found.in_all(k)
        rows.append(
            (
                words(measure.name),
                measure.what,
                compact(found.volume(k)),
                euro(damage.mean),
                _spread(damage, euro) or "–",
                compact(found.damage(k, "customers_end").mean),
                euro(gain.mean),
                _spread(gain, euro) or "–",
            )
        )
        if k:
            ranges.append(Range(words(measure.name), gain.mean, gain.low, gain.high, euro(gain.mean), gain.mean >= 0))
    figure = Figure(
        "prevention-gain",
        "What each measure changes in all, storm and cost included",
        say.prevention_answer(found),
        lambda width: range_chart(width, ranges, euros("change in profit against doing nothing")),
        Table(("measure", "change"), [(r.name, r.text) for r in ranges]),
        wide=True,
    )
    listing = Listing(
        "The same storm after each measure",
        ("measure", "what it buys", "posts", "storm's cost in profit", "95 %", "customers", "in all", "95 %"),
        [("", rows)],
        "“Storm's cost” compares each measure with and without the storm; “in all” with doing nothing, in the storm.",
    )
    intro = (
        f"{euro(found.weekly_eur)} a week spent from the first day on, on one measure at a time; "
        f"{counted(found.seeds, 'seed')}. What the money buys is an assumption (sim/studies/prevention.py)."
        f" {say.prevention_policy(found)}"
    )
    return Section("prevention", "Prevention", intro, [figure], listings=[listing])


def _assumed(found: StormStudy) -> list[tuple[str, str]]:
    scenario, storm = found.scenario, found.scenario.storm
    cause = storm.triggers[0]
    fault = "the brand is at fault" if cause.justified else "the brand is not at fault"
    return [
        (
            "Cause",
            f"{words(cause.kind)} on {cause.date} at {cause.hour}:00, severity {cause.severity:g}, vividness "
            f"{cause.vividness:g}; {fault}",
        ),
        *(
            (
                "Then",
                f"{words(later.kind)} on {later.date} at {later.hour}:00, severity {later.severity:g}, vividness "
                f"{later.vividness:g}",
            )
            for later in storm.triggers[1:]
        ),
        ("First posters", f"{people(whole(cause.posters))}, {words(cause.first_posters)}"),
        (
            "Media",
            "never report"
            if storm.media.threshold_posts_per_hour is None
            else f"report from {whole(storm.media.threshold_posts_per_hour)} posts an hour on and reach "
            f"{percent(storm.media.reach, 0)} of the market in {say.hours(storm.media.hours)}",
        ),
        (
            "Listening",
            f"sees it {say.hours(storm.listening.lag_hours)} after an hour with "
            f"{whole(storm.listening.threshold_posts_per_hour)} posts",
        ),
        (
            "Moderators",
            f"{compact(storm.moderators.staff)} with {compact(storm.moderators.answers_per_hour)} answers an "
            "hour each, once it is seen",
        ),
        (
            "Simulated",
            f"{counted(scenario.agents, 'consumer')} for {counted(scenario.days, 'day')}; "
            f"{_seeds(found)}, the same for all",
        ),
    ]
