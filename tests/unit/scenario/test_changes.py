"""Single settings changed by path, from Python and from a command line."""

from datetime import date

import pytest

from sim.scenario import Scenario, parse_changes


def test_changes_by_name_and_position(scenario):
    changed = scenario.with_changes(
        {"market.price": 9.9, "touchpoints.mail.scale": 0, "personas.1.attention": 2, "market.rivals.acme.price": 3.0}
    )
    assert changed.market.price == 9.9
    assert changed.touchpoints[2].scale == 0
    assert changed.personas[1].attention == 2
    assert changed.market.rivals[0].price == 3.0
    assert scenario.market.price == 10.0


def test_several_changes_are_checked_together(scenario):
    changed = scenario.with_changes({"personas.young.share": 0.5, "personas.old.share": 0.5})
    assert [persona.share for persona in changed.personas] == [0.5, 0.5]


def test_whole_tables_and_lists_are_replaced(scenario):
    assert scenario.with_changes({"personas.young.platforms": {"tiktok": 0.5}}).personas[0].platforms == {"tiktok": 0.5}
    assert scenario.with_changes({"market.rivals": []}).market.rivals == []


def test_positions_in_plain_lists(scenario):
    assert scenario.with_changes({"market.season.2": 1.5}).market.season == [1.0, 1.0, 1.5, *[1.0] * 9]


def test_what_was_not_written_is_computed_anew(scenario):
    assert scenario.with_changes({"market.rivals.acme.price": 19.0}).market.reference_price == 15.5


def test_entries_are_taken_out(scenario):
    without = scenario.with_changes({"touchpoints.tv.remove": True})
    assert [touchpoint.name for touchpoint in without.touchpoints] == ["site", "mail"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("touchpoints.mial.scale", 0, 'did you mean "mail"?'),
        ("touchpoints.7.scale", 0, "one of tv, site, mail"),
        ("personas.young.name.first", "x", 'found "young" at personas.young.name'),
        ("market..price", 1, "an empty step"),
        ("", 1, "an empty step"),
        ("market.prise", 1, '"price" (the nearest known key)'),
        ("storms.none", 1, "an unknown key"),
        ("market.price", "cheap", 'market.price: found "cheap", expected a number of at least 0'),
        ("touchpoints.tv.remove", 1, "found 1, expected true"),
        ("touchpoints.tv.spend.flights.0.weekly_eur", 1, "there is none"),
    ],
)
def test_refused(scenario, refused, path, value, words):
    (problem,) = refused(scenario.with_changes, {path: value})
    assert words in str(problem)


def test_all_problems_at_once(scenario, refused):
    changes = {"market.prise": 1, "touchpoints.mial.scale": 0, "days": 0, "personas.old.share": 0.1}
    assert len(refused(scenario.with_changes, changes)) == 4


def test_parse_changes():
    texts = [
        "market.price=9.9",
        "agents = 1_000",
        "market.kind=repeat",
        "market.needs_shape=none",
        "talk.enabled=false",
        "start_date=2026-02-02",
        "title=Two words = three",
        'description="quoted"',
        "market.rivals=[]",
        "personas.young.platforms={ tiktok = 0.5 }",
        "market.price=8",
    ]
    assert parse_changes(texts) == {
        "market.price": 8,
        "agents": 1000,
        "market.kind": "repeat",
        "market.needs_shape": "none",
        "talk.enabled": False,
        "start_date": date(2026, 2, 2),
        "title": "Two words = three",
        "description": "quoted",
        "market.rivals": [],
        "personas.young.platforms": {"tiktok": 0.5},
    }


def test_parse_changes_refuses_all_it_cannot_read(refused):
    texts = ["market.price", "=5", "days=", "a=[1", 'b="open', "c=1\nd=2", "fine=1"]
    problems = refused(parse_changes, texts)
    assert len(problems) == 6
    assert str(problems[0]) == 'found "market.price", expected a change such as market.price=9.9'


def test_a_change_reads_like_the_file(scenario, basic):
    basic["market"]["price"] = 3.5
    assert Scenario.from_dict(basic) == scenario.with_changes(parse_changes(["market.price=3.5"]))
