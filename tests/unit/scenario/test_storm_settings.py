"""What is said about storm settings that cannot be, and what is let pass because it does no harm."""

from __future__ import annotations

from datetime import date

import pytest

from sim.engine import simulate
from sim.scenario import Scenario

TRIGGER = {"date": "2026-01-10", "severity": 0.9, "first_posters": "random", "posters": 100_000.0}

REFUSED = [
    ({"storm.hub.touchpoint": "sight"}, "storm.hub.touchpoint", "two_way = true, and there is none"),
    ({"storm.hub.touchpoint": "tv"}, "storm.hub.touchpoint", "an owned touchpoint"),
    ({"storm.responses": [{"kind": "silence"}, {"kind": "explain"}]}, "storm.responses.0.kind", "silence alone"),
    ({"storm.responses": [{"kind": "explain"}] * 2}, "storm.responses.1.kind", "each kind of response once"),
    ({"storm.responses": [{"kind": "delete"}, {"kind": "apologise"}]}, "storm.responses.0.kind", "contradict"),
    ({"storm.responses": [{"kind": "explain", "delay_hours": -1}]}, "storm.responses.0.delay_hours", "from 0 to"),
    ({"storm.triggers": [{**TRIGGER, "severity": 1.2}]}, "storm.triggers.0.severity", "from 0 to 1"),
    ({"storm.triggers": [{**TRIGGER, "kind": "product_failur"}]}, "storm.triggers.0.kind", "product_failure"),
    ({"storm.triggers": [{**TRIGGER, "posters": 0}]}, "storm.triggers.0.posters", "above 0"),
    ({"storm.spread.joyn": 0.1}, "storm.spread.joyn", '"join" (the nearest known key)'),
    (
        {"storm.triggers": [{**TRIGGER, "first_posters": "trolls"}], "storm.trolls.share": 0.0},
        "storm.triggers.0.first_posters",
        "storm.trolls.share above 0",
    ),
    (
        {"storm.triggers": [{**TRIGGER, "first_posters": "influencers"}], "talk.influencer_share": 0.0},
        "storm.triggers.0.first_posters",
        "talk.influencer_share above 0",
    ),
]


@pytest.mark.parametrize(("changes", "where", "words"), REFUSED)
def test_is_refused(scenario, refused, changes, where, words):
    (problem,) = refused(scenario.with_changes, changes)
    assert problem.where == where
    assert words in str(problem)


WARNINGS = [
    ({"storm.triggers": [{**TRIGGER, "date": "2027-01-10"}]}, "storm.triggers.0: 2027-01-10 is outside the run"),
    ({"storm.triggers": [TRIGGER], "ties": []}, "storm: nobody passes outrage on"),
    ({"storm.triggers": [TRIGGER], "storm.moderators.staff": 0}, "storm.moderators: nobody answers"),
    ({"storm.responses": [{"kind": "explain"}]}, "storm.responses: nothing to answer"),
]


@pytest.mark.parametrize(("changes", "words"), WARNINGS)
def test_warning(scenario, changes, words):
    (warning,) = scenario.with_changes(changes).warnings
    assert warning.startswith(words)


def lived(scenario: Scenario, **changes):
    """A small storm among a hundred, under changes."""
    return simulate(scenario.with_changes({"storm.triggers": [TRIGGER], **changes}))


def test_a_trigger_outside_the_run_does_nothing(scenario):
    outside = {"storm.triggers": [{**TRIGGER, "date": day} for day in (date(2025, 1, 10), date(2026, 2, 2))]}
    found, plain = simulate(scenario.with_changes(outside)), simulate(scenario)
    assert found.storm.empty
    assert found.daily.equals(plain.daily)


def test_nothing_is_answered_before_it_is_detected(scenario):
    """However urgent the answer: without the alarm it never begins, and with it not an hour before."""
    now = {"storm.responses": [{"kind": "explain", "delay_hours": 0, "cost_eur": 100.0}]}
    blind = lived(scenario, **now, **{"storm.listening.threshold_posts_per_hour": 1e9})
    assert not blind.storm["joined"].eq(0).all()
    assert blind.storm["response"].eq("").all()
    assert blind.daily["cost_of_storm_cents"].sum() == 100 * 500 * blind.storm["day"].nunique()
    seeing = lived(scenario, **now, **{"storm.listening": {"threshold_posts_per_hour": 1.0, "lag_hours": 4}})
    assert seeing.storm["response"].tolist().index("explain") == 5  # heard at the end of the first hour, and four more


def test_nobody_moderates(scenario):
    """Zero moderators answer nothing and cost nothing."""
    hub = {"name": "page", "kind": "owned", "purpose": "brand", "two_way": True, "visits_per_week": 0.1}
    with_hub = Scenario.from_dict(scenario.model_dump(exclude_unset=True) | {"touchpoints": [hub]})
    alarm = {"storm.listening": {"threshold_posts_per_hour": 1.0, "lag_hours": 0}}
    some, none = lived(with_hub, **alarm), lived(with_hub, **alarm, **{"storm.moderators.staff": 0.0})
    assert some.storm["posts_hub"].sum() > 0
    assert some.storm["answered_hub"].max() > 0
    assert none.storm["answered_hub"].max() == 0
    assert none.daily["cost_of_storm_cents"].sum() == 0


def test_a_platform_nobody_uses_carries_nothing(scenario):
    fans = {"name": "fans", "platform": "xing", "kind": "mixing", "mean_degree": 50.0}
    found = lived(scenario, ties=[fans])
    assert found.storm.empty  # whoever might post is on no platform: no storm
    assert simulate(scenario.with_changes({"ties": [fans]})).daily.equals(found.daily)


def test_it_arises_by_itself_only_if_it_may(scenario):
    """From unanswered complaints and angry posts, once there are enough; and not again for a while."""
    angry = {
        "agents": 2000,
        "days": 60,
        "start.retention": 0.8,
        "service.failures_per_year": 20.0,
        "service.desks.service_centre.staff": 0.0,
        "service.public_share": 1.0,
        "personas.old.platforms": {"instagram": 0.5},
    }
    assert simulate(scenario.with_changes(angry)).storm.empty
    alone = {"threshold": 1000.0, "chance": 1.0, "wait_days": 20}
    storms = simulate(scenario.with_changes(angry | {"storm.ignition": alone})).storm
    began = storms["day"][storms["reached_first"] > 0].to_numpy()
    assert began.size >= 2
    assert (began[1:] - began[:-1] > 20).all()
    high = simulate(scenario.with_changes(angry | {"storm.ignition": {**alone, "threshold": 1e9}}))
    assert high.storm.empty
