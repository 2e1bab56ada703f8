"""Step *plan*: what each touchpoint spends and sends today, as expected contacts per consumer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.agents.stages import STAGES
from sim.channels import earned, owned, paid
from sim.compiled import helper
from sim.plan import FORM_CODES

IMPRESSIONS, INFLUENCERS, CURATION, VISITS, SENDS = (
    FORM_CODES.index(form) for form in ("impressions", "influencers", "curation", "visits", "sends")
)


@dataclass
class Pressure:
    """Today's pressure. C touchpoints, P personas.

    expected : float64 [C, P, STAGES]   contacts expected per consumer (sends: probability of one)
    chance : float64 [C, P, STAGES]     probability of at least one
    limit : uint8 [C]                   screening byte above which nobody is reached
    addressed : uint32 [C]              bits of the stages in which anybody is reached; 0 = idle today
    is_send : bool [C]                  at most one contact
    media_cents : int64 [C]             spent on bought reach and reposts
    unit_eur : float64 [C]              price of one bought contact
    """

    expected: np.ndarray
    chance: np.ndarray
    limit: np.ndarray
    addressed: np.ndarray
    is_send: np.ndarray
    media_cents: np.ndarray
    unit_eur: np.ndarray


@helper
def _eligible_mass(c, record, stages, affinity, counts, capped_out):
    """Sum of the affinities to touchpoint c of all who are eligible, agents."""
    mass = 0.0
    for p in range(affinity.shape[1]):
        people = 0
        for where in range(stages.shape[1]):
            if stages[c, where]:
                people += counts[record[c].group, p, where]
        if record[c].cap_column >= 0:
            people -= capped_out[record[c].cap_column, p]
        mass += people * affinity[c, p]
    return mass


@helper
def _contacts_per_consumer(day, line, spend_eur, people, posts_made):
    """Contacts that one touchpoint brings an eligible consumer of affinity 1, and what is spent on them.

    Parameters
    ----------
    line : TOUCHPOINT
    spend_eur : float           today, or gathered until today
    people : float              eligible mass, people of the market
    posts_made : float          advocates' posts of yesterday, people

    Returns
    -------
    float, float, float         contacts; EUR spent on bought reach, and EUR for each contact of it
    """
    if line.form == IMPRESSIONS:
        bought = paid.contacts_bought(spend_eur, line.cpm_eur, line.cost_per_contact_eur)
    elif line.form == INFLUENCERS:
        bought = earned.hired_contacts(spend_eur, line.cost_per_post_eur, line.reach_per_post)
    elif line.form == CURATION:
        posts = earned.curated_posts(spend_eur, line.cost_per_post_eur, posts_made)
        bought = line.reach_per_post * posts
        spend_eur = posts * line.cost_per_post_eur
    elif line.form == VISITS or line.form == SENDS:
        if line.form == VISITS:
            natural = line.scale * line.visits_per_week / 7.0
        else:
            natural = 1.0 if owned.sent_today(day, line.scale * line.sends_per_week) else 0.0
        if line.has_budget and line.cost_per_contact_eur > 0:
            natural *= owned.funded_share(spend_eur, line.cost_per_contact_eur, people * natural)
        return natural, 0.0, 0.0
    else:
        return 0.0, 0.0, 0.0
    if bought <= 0.0:
        return 0.0, 0.0, 0.0
    return bought / people, spend_eur, spend_eur / bought


@njit(cache=True)
def press(day, weight, record, stages, affinity, counts, capped_out, spend_cents, pool_cents, posts_made):
    """What every touchpoint does today (docs/model.md, 7.1).

    Parameters
    ----------
    weight : float                      people per agent
    record : TOUCHPOINT [C]
    stages : bool [C, STAGES]           it addresses
    affinity : float64 [C, P]
    counts : int64 [R, P, STAGES]       consumers by membership requirement, persona and stage
    capped_out : int64 [K, P]           eligible consumers who reached a frequency cap
    spend_cents : int64 [C]             planned for today
    pool_cents : int64 [C]              money that gathers: of mailings since the last one, of referral lines
    posts_made : float                  advocates' posts of yesterday, people

    Returns
    -------
    The fields of `Pressure`, in order.
    """
    many, personas = affinity.shape
    expected, chance = np.zeros((many, personas, STAGES)), np.zeros((many, personas, STAGES))
    limit, addressed = np.zeros(many, np.uint8), np.zeros(many, np.uint32)
    is_send, media_cents, unit_eur = record["form"] == SENDS, np.zeros(many, np.int64), np.zeros(many)
    for c in range(many):
        mass = _eligible_mass(c, record, stages, affinity, counts, capped_out)
        if mass <= 0.0:
            continue
        planned = pool_cents[c] if is_send[c] else spend_cents[c]
        rate, spent, unit_eur[c] = _contacts_per_consumer(day, record[c], planned / 100.0, weight * mass, posts_made)
        media_cents[c] = math.floor(100.0 * spent + 0.5)
        highest = 0.0
        for p in range(personas):
            for where in range(STAGES):
                if not stages[c, where]:
                    continue
                mean = rate * affinity[c, p]
                if is_send[c]:
                    mean = min(1.0, mean)
                expected[c, p, where] = mean
                chance[c, p, where] = mean if is_send[c] else -math.expm1(-mean)
                if chance[c, p, where] > 0.0:
                    addressed[c] |= np.uint32(1) << np.uint32(where)
                highest = max(highest, chance[c, p, where])
        limit[c] = min(255.0, math.floor(256.0 * highest))
    return expected, chance, limit, addressed, is_send, media_cents, unit_eur
