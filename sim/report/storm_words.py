"""What a storm study says in words: the answer, the assumption behind each response, and what to be careful about."""

from __future__ import annotations

import math

from sim.report.format import about, compact, euro_words, listed, percent, words
from sim.scenario.storm import ResponseKind
from sim.studies.prevention import Prevention
from sim.studies.storms import StormStudy

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
    gap, equity = found.loss(0, "profit"), found.equity_loss(0)
    reached = found.mean(0, lambda track: float(track.reached.sum())).mean / found.scenario.market.size
    end = found.loss(0, "customers_end")
    lost = f"{about(-end.mean)} customers" if end.mean < 0 else "no customers on balance"
    text = (
        f"Left alone, the storm reaches {percent(reached, 0)} of the market and costs {lost}, "
        f"{euro_words(-gap.mean)} of this run's profit and {euro_words(-equity.mean)} of customer equity, "
        "that profit included"
    )
    if found.best == 0:
        return f"{text}; no answer that was tried is better than silence."
    best = found.cells[found.best]
    better = found.against(found.best, 0)
    sure = "" if better.certain else ", but that may be luck"
    doing, delay = (
        DOING[best.kind],
        f"within {best.delay_hours} hour{'s' if best.delay_hours != 1 else ''} of noticing it",
    )
    return f"{text}; {doing} {delay} saves {euro_words(better.mean)} of profit{sure}."


def lede(found: StormStudy) -> str:
    """The second sentence: how fast it is, and what cannot be told apart."""
    peak, half = found.mean(0, lambda t: t.peak_hour).mean, found.mean(0, lambda t: t.half_life).mean
    same = [found.cells[k].name for k in found.same_as(found.best)]
    text = (
        f"It peaks {peak:.0f} hours after the trigger and has fallen to half {half:.0f} hours later. "
        if math.isfinite(peak)
        else "Nobody posted. "
    )
    if not same:
        return f"{text}The best answer, {found.cells[found.best].name}, is certainly better than all others."
    shown = same if len(same) <= 6 else [*same[:5], f"{len(same) - 5} others"]
    return f"{text}The best answer, {found.cells[found.best].name}, cannot be told apart from {listed(shown)}."


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
        "Each answer stands alone; combinations are policies of the scenario (storm.responses).",
        "A storm does not depend on the hour of the day, and trolls do not organise.",
        "What rivals do to gain from it is not simulated; that they may suffer along is (storm.contagion).",
    ]


def prevention_answer(found: Prevention) -> str:
    """Which measure pays, in a sentence."""
    gains = [(found.in_all(k).mean, k) for k in range(1, len(found.measures))]
    gain, k = max(gains)
    sure = "" if found.in_all(k).certain else ", which may be luck"
    if gain <= 0:
        cost = euro_words(found.weekly_eur)
        return f"None of the measures earns back its {cost} a week within this run, storm included."
    name = words(found.measures[k].name)
    return f"Of {euro_words(found.weekly_eur)} a week, most is gained with {name}: {euro_words(gain)}{sure}."
