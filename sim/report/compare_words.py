"""A comparison in sentences: the answer, how sure it is, and what it does not say."""

from __future__ import annotations

import math

from sim.report.format import compact, euro_words, gap_text, listed, percent, probability_text, words
from sim.scenario.words import counted
from sim.studies.comparison import UNEQUAL_COST, Comparison
from sim.studies.paired import Difference
from sim.summary import INDICATORS, Indicator


def indicator_of(name: str) -> Indicator:
    """The indicator of that name."""
    return next(indicator for indicator in INDICATORS if indicator.name == name)


def spoken(indicator: Indicator) -> str:
    """An indicator's name inside a sentence."""
    label = indicator.label
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def sentence(text: str) -> str:
    """A text with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def size_text(value: float, unit: str) -> str:
    """The size of a difference in running text, without its sign."""
    return euro_words(abs(value)) if unit == "EUR" else gap_text(abs(value), unit).lstrip("+")


def best(found: Comparison) -> str:
    """The plan with the best mean of the main indicator; the reference only if no other is better."""
    main = indicator_of(found.main)
    sign = -1.0 if main.better == "less" else 1.0
    gaps = {plan.name: sign * found.differences[plan.name, main.name].mean for plan in found.others}
    defined = {name: gap for name, gap in gaps.items() if math.isfinite(gap)}
    return max(defined, key=lambda name: defined[name]) if defined else found.others[0].name


def decided(found: Comparison, plan: str) -> bool:
    """Whether the sign of the main difference is certain; with repeated looks, at the confidence they leave."""
    if found.looks:
        return found.looks[found.position(plan) - 1][-1].certain
    return found.differences[plan, found.main].certain


def answer(found: Comparison) -> str:
    """One sentence a board member understands, about the plan that does best in the main indicator."""
    name = best(found)
    return _sentence(found, name, found.differences[name, found.main])


def _sentence(found: Comparison, name: str, gap: Difference) -> str:
    main = indicator_of(found.main)
    plan, other = words(name), words(found.reference.name)
    what = spoken(main)
    several = len(found.others) > 1
    start = f"Of {len(found.others)} plans against {other}, {plan} does best: its {what}" if several else ""
    start = start or f"With {plan}, {what}"
    if not math.isfinite(gap.mean):
        return f"{start} is not defined, so the plans cannot be compared by it."
    if gap.mean == 0.0 and gap.low == 0.0 == gap.high:
        return f"{start} is exactly the same as with {other}."
    more = "higher" if gap.mean > 0 else "lower"
    size = f"{size_text(gap.mean, main.unit)} {more} than with {other}"
    if gap.seeds < 2:
        return f"{start} is {size} in the one run made; how much of that is luck is not known."
    if decided(found, name):
        return f"{start} is {size}, and it is clear that it is {more}."
    ends = f"{gap_text(gap.low, main.unit)} to {gap_text(gap.high, main.unit)}"
    if several:
        return f"{start} may be higher or lower than with {other}: the difference is {ends}."
    return f"Whether {what} is higher or lower with {plan} than with {other} is open: the difference is {ends}."


def lede(found: Comparison) -> str:
    """The second sentence: how sure, and what else moves."""
    name = best(found)
    main = indicator_of(found.main)
    gap = found.differences[name, found.main]
    parts = []
    if gap.seeds >= 2 and gap.high > gap.low:
        ends = f"{gap_text(gap.low, main.unit)} to {gap_text(gap.high, main.unit)}"
        sure = f"The 95 % interval over {gap.seeds} pairs of runs is {ends}"
        if math.isfinite(gap.probability):
            sure += f"; the probability that {words(name)} is better is {probability_text(gap.probability)}"
        parts.append(sure)
    others = [n for n in ("customers_end", "won", "lost") if n != found.main]
    moved = [_moved(found, name, n) for n in others]
    known = [text for text in moved if text]
    if known:
        parts.append(f"It means {listed(known)}")
    parts.append(cost_sentence(found, name))
    return ". ".join(parts) + "."


def _moved(found: Comparison, plan: str, name: str) -> str:
    """Certain differences in counts of people, in words."""
    gap = found.differences[plan, name]
    if not gap.certain:
        return ""
    what = {"customers_end": "customers at the end", "won": "customers won", "lost": "customers lost"}[name]
    return f"{compact(abs(gap.mean))} {'more' if gap.mean > 0 else 'fewer'} {what}"


def cost_sentence(found: Comparison, plan: str) -> str:
    """What a plan costs against the reference, without a full stop."""
    gap, before = found.cost(plan), float(found.costs(0).mean())
    share = gap.mean / before if before > 0 else math.nan
    if gap.mean == 0.0:
        return f"{words(plan)} costs the same as {words(found.reference.name)}"
    size = f"{euro_words(abs(gap.mean))}"
    relative = f" ({percent(abs(share))})" if math.isfinite(share) else ""
    spends = f"{words(plan)} spends {size}{relative} {'more' if gap.mean > 0 else 'less'}"
    if not found.unequal(plan):
        return f"The costs are about equal: {spends}"
    return f"The costs are unequal: {spends}, so look at the comparison per euro too"


def reading_guide(found: Comparison) -> list[str]:
    """How to read the numbers of a comparison."""
    seeds = len(found.seeds)
    notes = [
        "Every plan was run on the same simulated consumers with the same luck, seed by seed, so a difference within a "
        "seed is caused by the plan. Differences are those to the first plan."
    ]
    if seeds > 1:
        notes += [
            f"Intervals are Student's t over {seeds} differences, one per seed: in 95 of 100 such comparisons the "
            "interval holds the difference that infinitely many seeds would give. They tell how much is luck, not "
            "whether the assumptions hold.",
            "The probability that a plan is better is that of the mean difference over all seeds having the better "
            "sign, if nothing was known before; it is not the share of years in which the plan would win.",
            f"{len(INDICATORS)} indicators were compared: two or three intervals of such a table exclude zero by luck "
            f"alone. {indicator_of(found.main).label} was chosen beforehand as the one that decides.",
        ]
    else:
        notes.append("One seed was run: there is no interval and no probability. Repeat with --seeds 20.")
    if found.looks:
        notes.append(_looks_note(found))
    if found.people_per_agent > 1:
        notes.append(
            f"Each simulated consumer stands for {compact(found.people_per_agent)} people, the smallest number that "
            "can occur."
        )
    notes.append(
        f"Plans count as equally expensive if their mean costs (touchpoints, wages, goodwill) differ by at most "
        f"{percent(UNEQUAL_COST, 0)}."
    )
    return notes


def _looks_note(found: Comparison) -> str:
    times = max(len(looks) for looks in found.looks)
    last = {plan.name: looks[-1] for plan, looks in zip(found.others, found.looks, strict=True)}
    reached = [name for name, look in last.items() if look.certain]
    text = (
        f"Seeds were added until {spoken(indicator_of(found.main))} was certain, at most {found.most_seeds}: looked "
        f"{'once' if times == 1 else f'{times} times'}, with intervals wide enough that all looks together err in at "
        "most 5 % of comparisons (alpha spending after Lan & DeMets 1983). The intervals shown are ordinary ones. "
    )
    if len(reached) == len(last):
        return text + f"It was certain after {len(found.seeds)} seeds."
    open_ones = listed([words(name) for name in last if name not in reached])
    return text + f"After {len(found.seeds)} seeds it was still open for {open_ones}."


def not_tested(found: Comparison) -> list[str]:
    """What a comparison does not say."""
    days = found.reference.scenario.days
    return [
        "Whether the assumptions are right: the market is the same under all plans, and no other values were tried. A "
        "plan that wins here may lose under another leaving rate or price sensitivity.",
        f"What happens after {counted(days, 'day')}. Customers held at the end keep buying; plans that build the base "
        "look worse in profit than they are.",
        "Rivals do not answer a plan, and prices, seasons and the media market stay as assumed.",
        "Plans other than these: a better one may lie between or beside them.",
    ]


def outcome_text(found: Comparison) -> str:
    """For `until_sure`: which of the two ended it."""
    seeds = len(found.seeds)
    if all(decided(found, plan.name) for plan in found.others):
        return f"certain after {seeds} seeds"
    return f"not certain after {seeds} seeds"
