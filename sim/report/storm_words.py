"""What a storm study says in words: the answer, the assumption behind each response, and what to be careful about."""

from __future__ import annotations

import math

from sim.report.format import about, compact, euro_words, listed, percent, words
from sim.scenario.storm import ResponseKind
from sim.scenario.words import counted
from sim.studies.prevention import Prevention
from sim.studies.storm_study import StormStudy

#: The literature behind each response's effect; sizes are assumptions (`sim.scenario.storm.Effects`).
SOURCES: dict[ResponseKind, str] = {
    "silence": "Coombs (2007): silence leaves the field to others; here it does nothing by itself.",
    "delete": "Jansen & Martin (2015): censorship backfires (“Streisand effect”), so joining rises; it hides posts.",
    "explain": "Coombs (2007): explaining fits who is not at fault, and little who is.",
    "apologise": (
        "Coombs (2007): an apology fits who is at fault. Contested: Coombs & Holladay (2008) find it no better than "
        "sympathy or compensation."
    ),
    "compensate": (
        "de Matos, Henrique & Rossi (2007): goodwill repairs the relation to customers. Whether it calms others is "
        "contested (Coombs & Holladay 2008; Herhausen et al. 2019)."
    ),
    "private_channel": "Herhausen et al. (2019): what a change of channel does depends on its timing.",
    "supporters": "Pfeffer, Zorbach & Carley (2014): a community that speaks up lends credibility the brand lacks.",
}

#: Each response as something one does.
DOING: dict[ResponseKind, str] = {
    "silence": "staying silent",
    "delete": "deleting posts",
    "explain": "explaining",
    "apologise": "apologising",
    "compensate": "compensating customers",
    "private_channel": "moving to a private channel",
    "supporters": "letting supporters speak",
}


def answer(found: StormStudy) -> str:
    """The answer in one sentence a board member understands."""
    reached = found.mean(0, lambda track: float(track.reached.sum())).mean / found.scenario.market.size
    text = f"Left alone, the storm reaches {percent(reached, 0)} of the market and {_toll(found)}"
    if len(found.cells) == 1:
        return f"{text}. No answer was tried."
    if found.tried == (0,):
        return f"{text}. No answer came in time: the storm was over, or never noticed."
    if found.best != 0:
        best, better = found.cells[found.best], found.against(found.best, 0)
        sure = "" if better.certain else ", but that may be luck"
        came = f" ({came_in(found, found.best)})" if found.answered_in(found.best) < len(found.seeds) else ""
        return (
            f"{text}; {DOING[best.kind]} within {hours(best.delay_hours or 0)} of noticing it{came} saves "
            f"{euro_words(better.mean)} of profit{sure}."
        )
    close = _undecided(found, 0)
    if not close:
        return f"{text}; every answer that came earns less than silence."
    return f"{text}; no answer earns more than silence on average, but {_some(close)} cannot be told apart from it."


def _toll(found: StormStudy) -> str:
    """What the storm takes if nobody answers, and how much of that is sure."""
    gaps = {"customers": found.loss(0, "customers_end"), "profit": found.loss(0, "profit")}
    gaps["equity"] = found.equity_loss(0)
    texts = [
        f"{about(-gaps['customers'].mean)} customers" if gaps["customers"].mean < 0 else "no customers on balance",
        f"{euro_words(-gaps['profit'].mean) if gaps['profit'].mean < 0 else 'none'} of this run's profit",
        f"{euro_words(-gaps['equity'].mean) if gaps['equity'].mean < 0 else 'none'} of customer equity",
    ]
    text = f"costs {listed(texts)}, that profit included"
    unsure = [name for name, gap in gaps.items() if not gap.certain]
    if len(unsure) == len(gaps):
        return f"{text} (all of which may be luck)"
    return f"{text} (the change in {listed(unsure)} may be luck)" if unsure else text


def hours(number: float) -> str:
    """1 hour, 12 hours."""
    return f"{number:.0f} hour{'' if round(number) == 1 else 's'}"


def came_in(found: StormStudy, cell: int) -> str:
    """In how many seeds the answer of a policy came."""
    return f"answered in {found.answered_in(cell)} of {counted(len(found.seeds), 'seed')}"


def _undecided(found: StormStudy, cell: int) -> list[str]:
    """Policies that cannot be told apart from this one, but for those whose answer never came."""
    return [found.cells[k].name for k in found.same_as(cell) if k in found.tried]


def _some(names: list[str]) -> str:
    """A few names, and how many more."""
    return listed(names if len(names) <= 6 else [*names[:5], f"{len(names) - 5} others"])


def lede(found: StormStudy) -> str:
    """The second sentence: how fast it is, and what cannot be told apart."""
    peak, half = found.mean(0, lambda t: t.peak_hour).mean, found.mean(0, lambda t: t.half_life).mean
    text = (
        f"It peaks {hours(peak)} after the trigger and has fallen to half {hours(half)} later."
        if math.isfinite(peak)
        else "Nobody posted."
    )
    if len(found.tried) == 1:
        return text
    same, name = _undecided(found, found.best), found.cells[found.best].name
    if not same:
        return f"{text} The best on average, {name}, is certainly better than all others."
    return f"{text} The best on average, {name}, cannot be told apart from {_some(same)}."


def reading_guide(found: StormStudy) -> list[str]:
    """How to read the numbers."""
    seeds = len(found.seeds)
    return [
        "Every difference is between the same people with the same luck, with and without the storm; until the "
        "morning of the trigger both are one run.",
        f"Intervals are Student's t at 95 % over {seeds} seed{'s' if seeds > 1 else ''}: what another draw of people "
        "and luck would change, not what a wrong assumption would."
        + ("" if seeds > 1 else " One seed has no interval: nothing can be called certain."),
        "Two answers cannot be told apart where the interval of their difference, seed by seed, includes zero.",
        "Customer equity extends the run: it takes the leaving of the run, that of the storm included, for what will "
        "go on, and so overstates what a passing storm does in a short run.",
        "An answer that did not come, as the storm was over or never noticed before its hour, is silence: it is "
        "marked, is not called the best, and delays that were not answered in every seed have no price of an hour.",
        "The best of many answers is in part the luckiest: with few seeds its lead is overestimated.",
        "Delays count from the hour the brand has detected the storm, not from the trigger.",
        "Volume, reach and joining are people of the market; one simulated consumer stands for "
        f"{compact(found.scenario.market.size / found.scenario.agents)} of them.",
    ]


def not_tested() -> list[str]:
    """What the study does not know."""
    return [
        "The size of every response's effect is an assumption; only its direction has a source, and apology, "
        "compensation, speed and trolls are contested. Change storm.effects and see whether the ranking survives.",
        "Storms that arise by themselves (storm.ignition) are switched off in all these runs, with and without the "
        "storm: what is studied are the dated triggers.",
        "Each answer stands alone; combinations are policies of the scenario (storm.responses).",
        "A storm does not depend on the hour of the day, and trolls do not organise.",
        "What rivals do to gain from it is not simulated; that they may suffer along is (storm.contagion).",
    ]


def prevention_answer(found: Prevention) -> str:
    """Which measure pays, in a sentence."""
    gain, k = max((found.in_all(k).mean, k) for k in range(1, len(found.measures)))
    weekly = euro_words(found.weekly_eur)
    if gain > 0:
        sure = "" if found.in_all(k).certain else ", which may be luck"
        return f"Of {weekly} a week, most is gained with {words(found.measures[k].name)}: {euro_words(gain)}{sure}."
    close = [words(found.measures[k].name) for k in range(1, len(found.measures)) if not found.in_all(k).certain]
    if not close:
        return f"None of the measures earns back its {weekly} a week within this run, storm included."
    return (
        f"On average no measure earns back its {weekly} a week within this run, storm included; {listed(close)} cannot "
        "be told apart from doing nothing."
    )


def prevention_policy(found: Prevention) -> str:
    """How the storm is answered under every measure, “nothing” included."""
    answers = found.measures[0].scenario.storm.responses
    if not answers:
        return "Under every measure the storm is left unanswered, as in the scenario."
    named = [f"{words(r.kind)} {r.delay_hours} h after noticing it" for r in answers]
    return f"Under every measure, “nothing” included, the storm is answered as the scenario says: {listed(named)}."
