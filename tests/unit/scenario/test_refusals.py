"""Values that are wrong on their own: what is said, about which key, in which file and line."""

from datetime import date, datetime

import numpy as np
import pytest

from sim.scenario import Scenario
from tests.unit.scenario.texts import BASE

# text to replace, its replacement, message after the file
REFUSALS = [
    ("days = 28", "days = 0", "1: days: found 0, expected a whole number from 1 to 32,000"),
    ("days = 28", "days = 28.0", "1: days: found 28.0, expected a whole number from 1 to 32,000"),
    ("days = 28", "days = true", "1: days: found true, expected a whole number from 1 to 32,000"),
    ("days = 28", 'days = "28"', '1: days: found "28", expected a whole number from 1 to 32,000'),
    ("days = 28", "dayz = 28", '1: dayz: found an unknown key, expected "days" (the nearest known key)'),
    ("price = 10.0", "price = -1", "5: market.price: found -1, expected a number of at least 0"),
    ("price = 10.0", "price = nan", "5: market.price: found nan, expected a number of at least 0"),
    ("price = 10.0", "price = inf", "5: market.price: found inf, expected a number from 0 to 1,000,000,000,000.0"),
    ("price = 10.0", "price = true", "5: market.price: found true, expected a number of at least 0"),
    ("price = 10.0", "price = '9,90'", '5: market.price: found "9,90", expected a number of at least 0'),
    (
        "price = 10.0",
        'kind = "durrable"',
        '5: market.kind: found "durrable", expected one of durable, repeat, subscription (did you mean "durable"?)',
    ),
    (
        "price = 10.0",
        "season = [\n1.0,\n2.0]",
        "5: market.season: found [1.0, 2.0], expected a list of exactly 12, each a number of at least 0",
    ),
    (
        "price = 10.0",
        "needs_shape = 0",
        '5: market.needs_shape: found 0, expected a number above 0, or "none"',
    ),
    ("[market]\nprice = 10.0", "market = 5", "4: market: found 5, expected a table [market]"),
    ("share = 0.4", "", "7: personas.young.share: found nothing, expected a number above 0 and at most 1"),
    (
        'name = "old"',
        'name = "Old people"',
        '12: personas.Old people.name: found "Old people", expected a name of at most 60 lower-case letters, '
        "digits and _, beginning with a letter",
    ),
    (
        "instagram = 0.5",
        "instagram = 5",
        "14: personas.old.platforms.instagram: found 5, expected a number from 0 to 1",
    ),
    (
        "instagram = 0.5",
        '"Insta gram" = 0.5',
        '14: personas.old.platforms.Insta gram: found "Insta gram", expected a name of at most 60 lower-case letters, '
        "digits and _, beginning with a letter",
    ),
    ("cpm_eur", "cpm", '20: touchpoints.tv.cpm: found an unknown key, expected "cpm_eur" (the nearest known key)'),
    (
        "cpm_eur = 10.0",
        "weekly_eur = 10.0",
        '20: touchpoints.tv.weekly_eur: found an unknown key, expected "spend.weekly_eur" (the nearest known key)',
    ),
    (
        "weekly_eur = 500.0",
        "weekly_eur = -500.0",
        "22: touchpoints.tv.spend.weekly_eur: found -500.0, expected a number of at least 0",
    ),
    (
        "start = 2026-01-12",
        'start = "12.1.2026"',
        '28: touchpoints.tv.spend.flights.1.start: found "12.1.2026", expected a date such as 2026-01-05',
    ),
    (
        "start = 2026-01-12",
        "start = 2026-01-12T10:00:00",
        "28: touchpoints.tv.spend.flights.1.start: found 2026-01-12T10:00:00, expected a date such as 2026-01-05",
    ),
    ("end = 2026-01-18", "end = 2026-01-01", "29: touchpoints.tv.spend.flights.1.end: found 2026-01-01 before"),
    (
        "[[touchpoints.spend.flights]]",
        "[touchpoints.spend.flight]",
        "23: touchpoints.tv.spend.flight: found an unknown",
    ),
    ("[[ties]]", "[ties]", "32: ties: found a table, expected a list of at most 16 tables, each headed [[ties]]"),
]


@pytest.mark.parametrize(("text", "replacement", "message"), REFUSALS)
def test_refusal_names_file_line_path_value_and_what_was_expected(write, refused, text, replacement, message):
    assert text in BASE
    path = write("story.toml", BASE.replace(text, replacement, 1))
    messages = [str(problem) for problem in refused(Scenario.load, path)]
    assert any(said.startswith(f"{path}:{message}") for said in messages), messages


def test_the_text_these_break_is_right(write):
    assert Scenario.load(write("story.toml", BASE)).days == 28


def test_everything_is_said_at_once(write, refused):
    text = BASE.replace("days = 28", "days = 0").replace("cpm_eur = 10.0", "").replace("share = 0.6", "share = 0.7")
    text = text.replace("price = 10.0", "prize = 10.0").replace("end = 2026-01-11", "end = 2026-01-01")
    said = {problem.where for problem in refused(Scenario.load, write("story.toml", text))}
    assert said == {
        "days",
        "market.prize",
        "personas",
        "touchpoints.tv.cpm_eur",
        "touchpoints.tv.spend.flights.0.end",
    }


def test_a_broken_value_causes_no_second_complaint(basic, refused):
    basic["personas"][0]["share"] = "much"
    basic["touchpoints"][0]["affinity"] = {"young": 2.0}
    basic["touchpoints"][1]["kind"] = "own"
    basic["touchpoints"][0]["lands_on"] = "site"
    assert [p.where for p in refused(Scenario.from_dict, basic)] == ["personas.young.share", "touchpoints.site.kind"]


def test_entries_without_a_name_go_by_position(basic, refused):
    del basic["touchpoints"][1]["name"]
    (problem,) = refused(Scenario.from_dict, basic)
    assert (problem.where, problem.found) == ("touchpoints.1.name", "nothing")


def test_no_personas(refused):
    (problem,) = refused(Scenario.from_dict, {})
    assert str(problem) == "personas: found nothing, expected a list of 1 to 64 tables, each headed [[personas]]"
    (problem,) = refused(Scenario.from_dict, {"personas": []})
    assert problem.found == "[]"


@pytest.mark.parametrize("value", [10**400, 10**5000], ids=["400 digits", "5000 digits"])
def test_huge_numbers(basic, refused, value):
    (problem,) = refused(Scenario.from_dict, basic | {"market": {"price": value}})
    assert problem.found == "a number of more than 60 digits"


def test_not_a_table_at_all(refused):
    (problem,) = refused(Scenario.from_dict, [1, 2])
    assert problem.expected == "a table of settings"


def test_values_of_programs_are_understood(basic):
    basic["days"] = np.int64(30)
    basic["market"]["season"] = np.ones(12)
    basic["personas"] = tuple(basic["personas"])
    basic["start_date"] = datetime(2026, 2, 2)
    scenario = Scenario.from_dict(basic)
    assert (scenario.days, scenario.start_date, scenario.market.season) == (30, date(2026, 2, 2), [1.0] * 12)
    assert Scenario.from_dict(basic | {"start_date": "2026-02-02"}) == scenario


def test_a_checked_scenario_does_not_change(scenario):
    with pytest.raises(ValueError, match="frozen"):
        scenario.days = 5
