"""Problems, complaints and how they are settled."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.base import NonNegative, Part, Share, Signed
from sim.scenario.bounds import Bounds


class Desk(Part):
    """One contact channel's staff. Defaults are assumptions."""

    staff: NonNegative = 5.0  # people at work every day
    cases_per_staff_day: NonNegative = 20.0
    wage_eur_per_day: NonNegative = 180.0
    resolved_share: Share = 0.75  # of handled cases


class Desks(Part):
    """The contact channels. Defaults are assumptions."""

    branch: Desk = Desk(resolved_share=0.85, cases_per_staff_day=12.0)
    self_service: Desk = Desk(staff=2.0, cases_per_staff_day=200.0, resolved_share=0.5)
    service_centre: Desk = Desk()
    portal: Desk = Desk(staff=2.0, cases_per_staff_day=40.0, resolved_share=0.7)
    social: Desk = Desk(staff=1.0, cases_per_staff_day=40.0, resolved_share=0.6)


class Ladder(Part):
    """Share who stay customers after a problem, by its outcome (TARP 1979/1986, small losses)."""

    silent: Share = 0.37
    unresolved: Share = 0.46
    resolved: Share = 0.70
    quick: Share = 0.95
    goodwill: Share = 0.95


class Aftertaste(Part):
    """Satisfaction towards which a customer moves after a problem. Defaults without a source are assumptions."""

    silent: Signed = -0.4
    unresolved: Signed = -0.7
    resolved: Signed = 0.1
    quick: Signed = 0.5
    goodwill: Signed = (
        0.8  # above a quick settlement: the recovery paradox, on satisfaction only (de Matos et al. 2007)
    )


class Service(Part):
    """Failures, complaints, queues and goodwill. Defaults without a source are assumptions."""

    failures_per_year: NonNegative = 0.25  # serious problems per customer
    failure_pain: Share = 0.3  # satisfaction and feeling lost at once
    quick_days: Annotated[int, Field(ge=0, le=365)] = 1  # handled within so many days counts as quick
    patience_days: Annotated[int, Field(ge=1, le=365)] = 14  # a case waiting longer ends unresolved
    goodwill_share: Share = 0.1  # of handled cases not resolved that are settled generously
    goodwill_eur: NonNegative = 10.0
    public_share: Share = 0.32  # of complainants who also post (Customer Rage Survey 2023)
    aftertaste_gain: Share = 0.6
    ladder: Ladder = Ladder()
    aftertaste: Aftertaste = Aftertaste()
    desks: Desks = Desks()
    bounds: Bounds = Bounds()  # for an optimiser: staff of all desks, as multiples of the plan's
