"""What a customer, and all customers together, are worth: the algebra of lifetime value and customer equity.

Rates are per period of any length as long as all of one call mean the same one; `per_period` converts yearly rates.
Amounts are in EUR, times in periods from now.

Sources: Gupta, Lehmann & Stuart (2004), "Valuing Customers", Journal of Marketing Research 41, 7-18; Gupta & Lehmann
(2003), Journal of Interactive Marketing 17, 9-24 (multiples); Berger & Nasr (1998), Journal of Interactive Marketing
12, 17-30 (timing of flows); Fader & Hardie (2010), Marketing Science 29, 85-93 (retention by tenure).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: When a customer pays: at once and after every renewal; only after renewals; or at the end of every period begun.
Timing = Literal["now", "after_renewal", "period_end"]

DAYS_PER_YEAR = 365.0


def per_period(rate_per_year: float, days: float) -> float:
    """Interest of a period that compounds to the yearly rate: (1 + d)^(days / 365) - 1. Shares: give retention - 1."""
    return math.expm1(math.log1p(rate_per_year) * days / DAYS_PER_YEAR)


def present_value(flows: ArrayLike, *, discount_per_year: float) -> float:
    """Today's worth of daily amounts: sum_t flow_t (1 + d)^(-t / 365), t = 0, 1, ...

    Parameters
    ----------
    flows : [days]
        Amount on each day from today, EUR.
    discount_per_year : float
        d, e.g. 0.12.
    """
    amounts = np.asarray(flows, np.float64)
    days = np.arange(len(amounts))
    return float(amounts @ (1.0 + discount_per_year) ** (-days / DAYS_PER_YEAR))


def survival(retention: ArrayLike, periods: int) -> NDArray[np.float64]:
    """Share of customers still there after t = 0 ... periods renewals: S(t) = r_1 r_2 ... r_t.

    Parameters
    ----------
    retention : float or [L]
        Probability of renewing for the 1st, 2nd, ... time; the last rate holds from there on.

    Returns
    -------
    float64 [periods + 1], S(0) = 1
    """
    curve = _curve(retention)
    rates = curve[np.minimum(np.arange(periods), len(curve) - 1)]
    return np.concatenate(([1.0], np.cumprod(rates)))


def lifetime_value(
    *,
    margin_eur: float,
    retention: ArrayLike,
    discount: float,
    growth: float = 0.0,
    periods: int | None = None,
    timing: Timing = "after_renewal",
) -> float:
    """Expected discounted margin of one customer, EUR, acquisition not deducted.

    With S(t) the survival after t renewals, m the margin, d the discount, T the number of payments:

    ================= ======================================== ======================
    timing            sum                                      constant r, T infinite
    ================= ======================================== ======================
    ``now``           sum_{t=0}^{T-1} m S(t) / (1+d)^t         m (1+d) / (1+d-r)
    ``after_renewal`` sum_{t=1}^{T}   m S(t) / (1+d)^t         m r / (1+d-r)
    ``period_end``    sum_{t=1}^{T}   m S(t-1) / (1+d)^t       m / (1+d-r)
    ================= ======================================== ======================

    The second is the multiple of Gupta, Lehmann & Stuart (2004). It is also the value of a customer one already has
    and who has just paid; the first that of one just won.

    Parameters
    ----------
    margin_eur : float
        Margin per period of a customer who is there.
    retention : float or [L]
        Probability of renewing for the 1st, 2nd, ... time (0..1); the last rate holds from there on.
    discount : float
        Per period, > -1.
    growth : float
        The t-th margin is m (1 + growth)^t; r becomes r (1 + growth) in the closed forms.
    periods : int or None
        Number of payments T looked at; None = all to come.
    timing : {"now", "after_renewal", "period_end"}

    Raises
    ------
    ValueError
        If the sum does not exist (a customer who never leaves, without discount) or a rate is out of range.
    """
    if discount <= -1 or growth <= -1:
        raise ValueError(f"discount {discount} and growth {growth} must be above -1")
    if periods is not None and periods < 0:
        raise ValueError(f"periods {periods} must be at least 0")
    curve = _curve(retention)
    step = (1.0 + growth) / (1.0 + discount)  # of a payment's worth from one period to the next, if it is made
    if periods is None:
        payments: float = math.inf
    else:
        payments = periods + 1 if timing == "after_renewal" else periods  # of which the one at t = 0 is deducted below
    known = int(min(payments, len(curve)))
    multiple = float(survival(curve, known)[:known] @ step ** np.arange(known))
    if payments > known:
        ratio = float(curve[-1]) * step
        if ratio >= 1 and payments == math.inf:
            raise ValueError(f"retention {curve[-1]} without enough discount: the value has no bound")
        rest = payments - known
        tail = rest if ratio == 1 else (1.0 - ratio**rest) / (1.0 - ratio)
        multiple += float(np.prod(curve)) * step**known * tail
    if timing == "after_renewal":
        multiple -= 1.0
    elif timing == "period_end":
        multiple /= 1.0 + discount
    return margin_eur * multiple


def retention_elasticity(*, retention: float, discount: float, timing: Timing = "after_renewal") -> float:
    """Per cent more lifetime value per per cent more retention, constant rate, no horizon.

    (1+d) / (1+d-r) for `after_renewal`, r / (1+d-r) for the others: 2.7 at r = .7, 5.1 at .9 with d = .12.
    """
    return (1.0 + discount if timing == "after_renewal" else retention) / (1.0 + discount - retention)


def retention_by_tenure(*, a: float, b: float, periods: int) -> NDArray[np.float64]:
    """Retention rates of customers whose propensities to leave are Beta(a, b): r_t = (b + t - 1) / (a + b + t - 1).

    Rates rise with tenure although nobody changes (shifted beta-geometric; Fader & Hardie 2007).

    Returns
    -------
    float64 [periods], t = 1 ... periods
    """
    t = np.arange(1, periods + 1)
    return (b + t - 1.0) / (a + b + t - 1.0)


@dataclass(frozen=True, kw_only=True)
class AcquisitionCurve:
    """Customers won over time along an S (Gupta, Lehmann & Stuart 2004): N(t) = ceiling / (1 + exp(-base - speed t)).

    Attributes
    ----------
    ceiling : float
        Customers ever to be won.
    base : float
        ln N(0) / (ceiling - N(0)): how far along it is now.
    speed : float
        Per period; half of the ceiling is reached at t = -base / speed, fastest then at ceiling speed / 4 a period.
    """

    ceiling: float
    base: float
    speed: float

    def won_until(self, t: ArrayLike) -> NDArray[np.float64]:
        """Customers ever won until time t."""
        position = self.base + self.speed * np.asarray(t, np.float64)
        return np.asarray(self.ceiling * np.exp(-np.logaddexp(0.0, -position)))  # no overflow far from the middle

    def won_in(self, periods: int) -> NDArray[np.float64]:
        """Customers won in each of the coming periods: N(t + 1) - N(t), float64 [periods]."""
        return np.diff(self.won_until(np.arange(periods + 1)))


@dataclass(frozen=True, kw_only=True)
class CustomerBase:
    """A firm seen as its customers, those it has and those it will win. Its `equity` is what they are worth today.

    Attributes
    ----------
    customers : float
        Customers now; what they cost to win is sunk.
    won : float64 [K]
        Customers to be won at the beginning of period k = 0 ... K-1.
    margin_eur : float
        Per customer and period.
    retention : float
        Per period.
    discount : float
        Per period.
    acquisition_cost_eur : float
        Per customer won, paid when he is won.
    periods : int or None
        Payments counted per customer; None = all.
    timing : Timing
        When customers pay, for those here and those to come alike, as in the paper.
    """

    customers: float
    won: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    margin_eur: float
    retention: float
    discount: float
    acquisition_cost_eur: float = 0.0
    periods: int | None = None
    timing: Timing = "after_renewal"

    @property
    def customer_value_eur(self) -> float:
        """Lifetime value of one customer, EUR."""
        return lifetime_value(
            margin_eur=self.margin_eur,
            retention=self.retention,
            discount=self.discount,
            periods=self.periods,
            timing=self.timing,
        )

    @property
    def won_discounted(self) -> float:
        """Customers to be won, each counted at (1 + d)^-k."""
        return float(np.asarray(self.won) @ (1.0 + self.discount) ** -np.arange(float(len(self.won))))

    @property
    def equity_eur(self) -> float:
        """Customer equity, EUR: customers v + sum_k won_k (v - c) / (1 + d)^k, v the lifetime value."""
        value = self.customer_value_eur
        return self.customers * value + self.won_discounted * (value - self.acquisition_cost_eur)


#: What can be improved in a customer base, and in which direction.
LEVERS: dict[str, int] = {"retention": 1, "margin_eur": 1, "acquisition_cost_eur": -1, "discount": -1}


def gain(base: CustomerBase, lever: str, *, by: float = 0.01) -> float:
    """Relative gain of customer equity when one lever improves by the share `by`; costs and discount improve downwards.

    Equity is homogeneous in margin and acquisition cost together, so for by -> 0 the elasticity to margin is 1 plus
    that to (cheaper) acquisition, exactly; the latter is the acquisition budget over equity.

    Raises
    ------
    ValueError
        For an unknown lever.
    """
    if lever not in LEVERS:
        raise ValueError(f"lever {lever!r}: expected one of {', '.join(LEVERS)}")
    better = replace(base, **{lever: getattr(base, lever) * (1.0 + LEVERS[lever] * by)})
    return better.equity_eur / base.equity_eur - 1.0


def _curve(retention: ArrayLike) -> NDArray[np.float64]:
    """Retention rates as float64 [L], checked."""
    curve = np.atleast_1d(np.asarray(retention, np.float64))
    if curve.ndim != 1 or not len(curve) or not ((curve >= 0) & (curve <= 1)).all():
        raise ValueError(f"retention {curve.tolist()}: expected a rate or a list of rates between 0 and 1")
    return curve
