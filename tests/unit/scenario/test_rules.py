"""Every rule between settings, each with an example that breaks it and the words that are said then."""

from datetime import date

import pytest

from sim.scenario import Scenario

# change, path that is blamed, words in the message
CLASHES = [
    ({"personas.old.share": 0.5}, "personas", "sum of 0.9"),
    ({"personas.old.contact": {"branch": 1.0}}, "personas.old.contact", "sum of 1.85"),
    ({"start.awareness": 0.7, "start.lapsed": 0.4}, "start", "sum of 1.1"),
    ({"dialogue.like_share": 0.5}, "dialogue", "sum to 1"),
    ({"experience.leave_a": "none"}, "experience.leave_a", 'both "none"'),
    ({"experience.leave_b": None}, "experience.leave_b", 'both "none"'),
    ({"experience.leave_every_days": 7}, "experience.leave_every_days", 'or market.kind "repeat"'),
    ({"personas.old.name": "young"}, "personas.young.name", "2 times"),
    ({"touchpoints.site.name": "tv"}, "touchpoints.tv.name", "a name of its own"),
    ({"ties.fans.name": "friends"}, "ties.friends.name", "a name of its own"),
    ({"market.rivals.bolt.name": "acme"}, "market.rivals.acme.name", "a name of its own"),
    ({"market.rivals.bolt.name": "nothing"}, "market.rivals.nothing.name", "another name"),
    ({"touchpoints.tv.affinity": {"yuong": 2.0}}, "touchpoints.tv.affinity.yuong", 'did you mean "young"?'),
    ({"touchpoints.mail.opt_in_by_persona.nobody": 0.5}, "touchpoints.mail.opt_in_by_persona.nobody", "young, old"),
    ({"touchpoints.tv.lands_on": "sit"}, "touchpoints.tv.lands_on", 'did you mean "site"?'),
    ({"touchpoints.tv.lands_on": "mail"}, "touchpoints.tv.lands_on", "form visits"),
    ({"touchpoints.site.lands_on": "site"}, "touchpoints.site.lands_on", "another touchpoint"),
    ({"touchpoints.tv.form": "visits"}, "touchpoints.tv.form", "a form of paid touchpoints: one of impressions"),
    ({"touchpoints.tv.cpm_eur": 0}, "touchpoints.tv.cpm_eur", "cpm_eur or cost_per_contact_eur above 0"),
    ({"touchpoints.mail.sends_per_week": 0}, "touchpoints.mail.sends_per_week", "form sends needs it"),
    ({"market.rivals": []} | {"market.nothing_attraction": 1.0}, "market.reference_price", "a number above 0"),
    (
        {"market.rivals.acme.price": 0, "market.rivals.bolt.price": 0},
        "market.reference_price",
        "no rival has a price",
    ),
    ({"market.rivals": [{"name": f"r{k}"} for k in range(16)]}, "market.rivals", "at most 15"),
    ({"market.season": [0.0] * 12}, "market.season", "above 0 in some month"),
    ({"personas.old.platforms": {f"p{k}": 0.1 for k in range(32)}}, "", "33 platforms and 0 touchpoints"),
    (
        {"personas.old.platforms": {f"p{k}": 0.1 for k in range(31)}, "touchpoints.tv.opt_in": 0.5},
        "",
        "32 platforms and 1 touchpoints",
    ),
    (
        {"market.discounts": [{"start": date(2026, 2, 2), "end": date(2026, 2, 1), "percent": 5}]},
        "market.discounts.0.end",
        "a date from 2026-02-02 on",
    ),
    (
        {"touchpoints.tv.spend.flights": [{"start": "2026-02-02", "end": "2026-02-01", "weekly_eur": 5}]},
        "touchpoints.tv.spend.flights.0.end",
        "2026-02-01 before the start",
    ),
    ({"start_date": date(9999, 12, 20)}, "start_date", "10000-01-01"),
    ({"touchpoints.tv.spend.weeks_eur": [1.0] * 3}, "touchpoints.tv.spend.weeks_eur", "2026-01-05 to 2026-01-25"),
    (
        {"touchpoints.tv.spend.weeks_eur": [1.0] * 9, "touchpoints.tv.spend.weeks_start": "2026-01-06"},
        "touchpoints.tv.spend.weeks_eur",
        "from 2026-01-05 to 2026-02-01",
    ),
    ({"touchpoints.tv.spend.column": "tv_S"}, "touchpoints.tv.spend.column", "only together with a file"),
    ({"ties.friends.kind": "file"}, "ties.friends.file", "the path of an edge list"),
    ({"ties.friends.file": __file__}, "ties.friends.kind", "as a file is given"),
    ({"ties.friends.mean_degree": 100.0}, "ties.friends.mean_degree", "at most 99"),
    ({"agents": 5}, "ties.friends.mean_degree", "at most 4"),
]


@pytest.mark.parametrize(("changes", "where", "words"), CLASHES)
def test_clash_is_refused(scenario, refused, changes, where, words):
    (problem,) = refused(scenario.with_changes, changes)
    assert problem.where == where
    assert words in str(problem)


@pytest.mark.parametrize(
    ("form", "lacking"),
    [
        ("influencers", ["cost_per_post_eur", "reach_per_post"]),
        ("curation", ["cost_per_post_eur", "reach_per_post"]),
        ("referral", ["reward_eur"]),
    ],
)
def test_earned_forms_with_spend_need_their_prices(basic, refused, form, lacking):
    entry = {"name": "fans", "kind": "earned", "form": form, "purpose": "brand"}
    basic["touchpoints"].append(entry)
    Scenario.from_dict(basic)
    entry["spend"] = {"weekly_eur": 5.0}
    problems = refused(Scenario.from_dict, basic)
    assert [problem.where for problem in problems] == [f"touchpoints.fans.{key}" for key in lacking]
    Scenario.from_dict(basic | {"touchpoints": [entry | dict.fromkeys(lacking, 2.0)]})


@pytest.mark.parametrize(
    "allowed",
    [
        {"personas.old.share": 0.6 + 5e-7},
        {"touchpoints.tv.cpm_eur": 0, "touchpoints.tv.cost_per_contact_eur": 0.01},
        {"touchpoints.tv.cpm_eur": 0, "touchpoints.tv.spend.weekly_eur": 0},
        {"experience.leave_a": None, "experience.leave_b": None},
        {"market.rivals": [{"name": f"r{k}"} for k in range(15)]},
        {"personas.old.platforms": {f"p{k}": 0.1 for k in range(31)}},
        {"touchpoints.tv.spend.weeks_eur": [0.0] * 4},
        {"ties.friends.mean_degree": 99.0},
        {"touchpoints.tv.lands_on": "site"},
    ],
)
def test_the_edge_of_a_rule_is_allowed(scenario, allowed):
    scenario.with_changes(allowed)


def test_reference_price_is_what_rivals_cost(scenario):
    assert scenario.market.reference_price == 10.5
    assert scenario.with_changes({"market.rivals": []}).market.reference_price == 10.0
    assert scenario.with_changes({"market.rivals": [], "market.price": 7.0}).market.reference_price == 7.0
    assert scenario.with_changes({"market.rivals": [], "market.price": 0.0}).market.reference_price == 1.0
    assert scenario.with_changes({"market.reference_price": 3.0}).market.reference_price == 3.0


def test_weekly_amounts_begin_with_the_run(scenario):
    weekly = scenario.with_changes({"touchpoints.tv.spend.weeks_eur": [1.0] * 4})
    assert weekly.touchpoints[0].spend.weeks_start == date(2026, 1, 5)
    later = weekly.with_changes({"start_date": date(2026, 3, 1)})
    assert later.touchpoints[0].spend.weeks_start == date(2026, 3, 1)


def test_form_follows_the_kind(scenario):
    assert [touchpoint.form for touchpoint in scenario.touchpoints] == ["impressions", "visits", "sends"]


def test_a_partly_written_table_keeps_its_own_defaults(scenario):
    branch = scenario.with_changes({"service.desks.branch.staff": 3.0}).service.desks.branch
    assert (branch.staff, branch.resolved_share, branch.cases_per_staff_day) == (3.0, 0.85, 12.0)
    posts = scenario.with_changes({"talk.posts_per_week.loyalty": 0.5}).talk.posts_per_week
    assert (posts.loyalty, posts.advocacy) == (0.5, scenario.talk.posts_per_week.advocacy)
    assert posts.advocacy != scenario.talk.in_person_per_week.advocacy


def test_rules_hold_for_scenarios_built_from_parts(refused):
    (problem,) = refused(Scenario, personas=[{"name": "all", "share": 0.5}])
    assert problem.where == "personas"


WARNINGS = [
    ({"ties.fans.platform": "xing"}, "ties.fans: nobody uses the platform xing"),
    ({"touchpoints.tv.platform": "xing"}, "touchpoints.tv: nobody uses the platform xing"),
    ({"touchpoints.tv.spend.weekly_eur": 0}, "touchpoints.tv: form impressions does nothing without spend"),
    ({"touchpoints.site.visits_per_week": 0}, "touchpoints.site: nobody visits"),
    ({"touchpoints.tv.phases": []}, "touchpoints.tv: addresses nobody"),
    ({"touchpoints.tv.click": 0.1}, "touchpoints.tv: clicks lead nowhere"),
    ({"touchpoints.site.reaction_share": 0.1}, "touchpoints.site: reaction_share has no effect"),
    ({"touchpoints.tv.visits_per_week": 1.0}, "touchpoints.tv: visits_per_week have no effect with form impressions"),
    ({"touchpoints.mail.opt_in_by_persona": {"young": 0, "old": 0}}, "touchpoints.mail: no persona opts in"),
    ({"market.size": 10}, "100 agents stand for only 10 people"),
    (
        {"market.discounts": [{"start": "2027-02-01", "end": "2027-02-02", "percent": 5}]},
        "market.discounts.0: 2027-02-01 to 2027-02-02 is outside the run",
    ),
    (
        {"touchpoints.tv.spend.flights": [{"start": "2025-02-01", "end": "2025-02-02", "weekly_eur": 5}]},
        "touchpoints.tv.spend.flights.0: 2025-02-01 to 2025-02-02 is outside the run",
    ),
    ({"market.unit_cost": 50.0}, "market: every purchase loses money, as unit_cost 50 is not below price"),
]


@pytest.mark.parametrize(("changes", "words"), WARNINGS)
def test_warning(scenario, changes, words):
    (warning,) = scenario.with_changes(changes).warnings
    assert warning.startswith(words)


def test_nothing_to_warn_about(scenario):
    assert scenario.warnings == []


def test_more_than_three_personas_in_a_segment(basic):
    basic["personas"] = [{"name": f"p{k}", "share": 0.25, "segment": "city"} for k in range(4)]
    assert any('segment "city" has 4 personas' in warning for warning in Scenario.from_dict(basic).warnings)


def test_a_line_switched_off_is_not_warned_about(scenario):
    assert scenario.with_changes({"touchpoints.tv.spend.weekly_eur": 0, "touchpoints.tv.scale": 0}).warnings == []


def test_a_page_others_lead_to_needs_no_visits_of_its_own(scenario):
    led = {"touchpoints.site.visits_per_week": 0, "touchpoints.tv.click": 0.1, "touchpoints.tv.lands_on": "site"}
    assert scenario.with_changes(led).warnings == []
