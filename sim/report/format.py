"""Numbers as people read them: 12.4 k, € 1.2 m, 31 %, never NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

SPACE = "\u00a0"  # keeps a number and its unit on one line
UNDEFINED = "–"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FULL_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_SIZES = ((1e9, "bn"), (1e6, "m"), (1e4, "k"))
_WORDS = {"bn": "billion", "m": "million"}


def _signed(text: str) -> str:
    """A real minus sign, and none before a zero."""
    if text.startswith("-"):
        return text[1:] if not text.strip("-0.,") else "−" + text[1:]
    return text


def _three_digits(value: float) -> float:
    """Rounded to three significant digits."""
    return round(value, 2 - math.floor(math.log10(abs(value)))) if value else 0.0


def _short(value: float, decimals: int) -> str:
    """Fixed decimals without trailing zeros."""
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def compact(value: float) -> str:
    """Three significant digits: 950, 9,870, 12.4 k, 1.2 m, 3 bn."""
    if not math.isfinite(value):
        return UNDEFINED
    rounded = _three_digits(value)
    for size, letter in _SIZES:
        if abs(rounded) >= size:
            scaled = rounded / (1e3 if letter == "k" else size)
            return _signed(_short(scaled, 2 if abs(scaled) < 10 else 1)) + SPACE + letter
    return _signed(_short(value, 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2))


def whole(value: float) -> str:
    """A count in full, thousands grouped: 12,431."""
    return _signed(f"{value:,.0f}") if math.isfinite(value) else UNDEFINED


def about(value: float) -> str:
    """A count for running text, three significant digits: 12,400, and 1.24 million from a million on."""
    if not math.isfinite(value):
        return UNDEFINED
    rounded = _three_digits(value)
    if abs(rounded) < 1e6:
        return whole(rounded)
    number, letter = compact(value).split(SPACE)
    return f"{number}{SPACE}{_WORDS[letter]}"


def euro(value: float) -> str:
    """An amount: € 3.40, € 310, € 12.4 k, € 1.2 m; a minus stands before the sign."""
    if not math.isfinite(value):
        return UNDEFINED
    size = abs(value)
    text = f"{size:.2f}" if size < 99.995 and size != int(size) else compact(size)
    sign = "−" if value < 0 and text.strip("0.") else ""
    return f"{sign}€{SPACE}{text}"


def euro_full(value: float) -> str:
    """An amount to the euro: € 1,234,567; to the cent below a hundred."""
    if not math.isfinite(value):
        return UNDEFINED
    text = f"{abs(value):,.0f}" if abs(value) >= 100 else f"{abs(value):.2f}"
    return f"{'−' if value < 0 and text.strip('0.') else ''}€{SPACE}{text}"


def euro_words(value: float) -> str:
    """An amount for running text: € 1.24 million."""
    if not math.isfinite(value):
        return UNDEFINED
    if abs(value) < 999_500:
        return euro_full(math.copysign(_three_digits(value), value)) if abs(value) >= 1000 else euro(value)
    number, letter = compact(abs(value)).split(SPACE)
    return f"{'−' if value < 0 else ''}€{SPACE}{number}{SPACE}{_WORDS[letter]}"


def percent(share: float, decimals: int = 1) -> str:
    """A share 0..1 in per cent: 31.4 %; below one in a thousand two digits that say something."""
    if not math.isfinite(share):
        return UNDEFINED
    value = 100.0 * share
    if value == 0:
        return f"0{SPACE}%"
    if value == 100:
        return f"100{SPACE}%"
    if 0.0 < abs(value) < 0.05 and decimals == 1:
        return f"{_signed(f'{value:.2g}')}{SPACE}%" if abs(value) >= 0.001 else f"<{SPACE}0.001{SPACE}%"
    return f"{_signed(f'{value:.{decimals}f}')}{SPACE}%"


def signed(value: float, decimals: int = 2) -> str:
    """A number on a scale around zero: +0.12, −0.30, 0.00."""
    if not math.isfinite(value):
        return UNDEFINED
    text = _signed(f"{value:.{decimals}f}")
    return f"+{text}" if text.strip("0.") and value > 0 else text


def value_text(value: float, unit: str) -> str:
    """An indicator with its unit, as `sim.summary` names units."""
    if not math.isfinite(value):
        return UNDEFINED
    if unit == "share":
        return percent(value)
    if unit == "EUR":
        return euro(value)
    if unit == "EUR/EUR":
        return f"€{SPACE}{value:,.2f}" if value >= 0 else f"−€{SPACE}{-value:,.2f}"
    if unit in ("people", "purchases"):
        return compact(value)
    if unit == "days":
        return f"{value:.1f}{SPACE}days"
    if unit == "points":
        return signed(value, 0)
    if unit == "-1..1":
        return signed(value)
    return _signed(f"{value:,.2f}")


def gap_text(value: float, unit: str) -> str:
    """A difference in an indicator, with its sign: +€ 12.4 k, −1.3 pp (percentage points), +0.4 days."""
    if not math.isfinite(value):
        return UNDEFINED
    if unit == "share":
        size = abs(100.0 * value)
        text = f"{size:.1f}{SPACE}pp" if size >= 0.05 or size == 0.0 else f"{size:.2g}{SPACE}pp"
    elif unit in ("-1..1", "0..1"):
        text = f"{abs(value):.3f}"
    elif unit == "points":
        text = f"{abs(value):.1f}"
    else:
        text = value_text(abs(value), unit)
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def probability_text(share: float) -> str:
    """A probability in per cent, never rounded to certainty: 97 %, > 99.9 %, < 0.1 %."""
    if not math.isfinite(share):
        return UNDEFINED
    if share > 0.999:
        return f">{SPACE}99.9{SPACE}%"
    if share < 0.001:
        return f"<{SPACE}0.1{SPACE}%"
    return percent(share, 1 if share > 0.985 or share < 0.015 else 0)


def words(name: str) -> str:
    """An identifier for people: tv_spot becomes tv spot."""
    return name.replace("_", " ")


def day_text(day: date) -> str:
    """5 January 2026."""
    return f"{day.day} {FULL_MONTHS[day.month - 1]} {day.year}"


def span_text(first: date, last: date) -> str:
    """From a day to another, or the one day."""
    return day_text(first) if first == last else f"{day_text(first)} to {day_text(last)}"


def listed(parts: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


@dataclass(frozen=True)
class Axis:
    """What a value axis shows: its title with unit, and how ticks are written."""

    title: str
    prefix: str = ""
    suffix: str = ""
    factor: float = 1.0  # ticks show value · factor; 100 for shares


def euros(title: str) -> Axis:
    """An axis of money."""
    return Axis(title, prefix=f"€{SPACE}")


def shares(title: str) -> Axis:
    """An axis of shares 0..1, shown in per cent."""
    return Axis(title, suffix=f"{SPACE}%", factor=100.0)


def tick_texts(ticks: Sequence[float], axis: Axis) -> list[str]:
    """Labels of an axis: one unit and one number of decimals for all."""
    values = [tick * axis.factor for tick in ticks]
    top = max((abs(value) for value in values), default=0.0)
    size, letter = 1.0, ""
    for least, unit, name in ((1e9, 1e9, "bn"), (1e6, 1e6, "m"), (1e4, 1e3, "k")):
        if top >= least:
            size, letter = unit, SPACE + name
            break
    steps = [abs(b - a) / size for a, b in pairwise(values)] or [top / size or 1.0]
    decimals = next((d for d in range(4) if abs(round(min(steps), d) - min(steps)) < 1e-9), 4)
    texts = []
    for value in values:
        text = f"{abs(value) / size:,.{decimals}f}"
        zero = not text.strip("0.,")
        sign = "−" if value < 0 and not zero else ""
        texts.append(f"{sign}{axis.prefix}{'0' if zero else text + letter}{axis.suffix}")
    return texts
