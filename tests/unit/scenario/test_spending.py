"""Weekly spending from CSV files."""

from datetime import date

import pytest

from sim.scenario import Scenario

WEEKS = ["2025-12-29", "2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02"]
PLAN = "DATE,tv,events\n" + "".join(f"{day},{100 + week}.5,na\n" for week, day in enumerate(WEEKS))


@pytest.fixture
def planned(basic, tmp_path):
    """Load the basic scenario with a plan for television in place of the weekly amount."""

    def load(plan: str | bytes = PLAN, **spend: object) -> Scenario:
        raw = plan.encode() if isinstance(plan, str) else plan
        (tmp_path / "plan.csv").write_bytes(raw)
        basic["touchpoints"][0]["spend"] = {"file": "plan.csv", **spend}
        return Scenario.from_dict(basic, folder=tmp_path)

    return load


def test_amounts_replace_the_file(planned):
    spend = planned().touchpoints[0].spend
    assert spend.weeks_start == date(2025, 12, 29)
    assert spend.weeks_eur == [100.5, 101.5, 102.5, 103.5, 104.5, 105.5]
    assert (spend.file, spend.column) == (None, None)


def test_columns_are_named(planned):
    plan = PLAN.replace("tv", "tv_S").replace("DATE", "week")
    assert planned(plan, column="tv_S", date_column="week").touchpoints[0].spend.weeks_eur[0] == 100.5


def test_a_resolved_scenario_needs_no_file(planned, tmp_path):
    scenario = planned()
    path = tmp_path / "resolved.toml"
    path.write_text(scenario.to_toml())
    (tmp_path / "plan.csv").unlink()
    assert Scenario.load(path) == scenario


def test_the_path_starts_from_the_file_that_names_it(planned, tmp_path, write):
    scenario = planned()
    (tmp_path / "inner").mkdir()
    toml = scenario.with_changes({"touchpoints.tv.spend": {}}).to_toml()
    write("inner/base.toml", toml)
    (tmp_path / "plan.csv").rename(tmp_path / "inner" / "plan.csv")
    middle = 'extends = "base.toml"\n[[touchpoints]]\nname = "tv"\nspend.file = "plan.csv"\n'
    write("inner/middle.toml", middle)
    top = write("top.toml", 'extends = "inner/middle.toml"\n')
    assert Scenario.load(top) == scenario


def test_byte_order_mark_blank_lines_and_quotes(planned):
    plan = '\ufeff"DATE","tv","events"\r\n' + "".join(f'"{day}"," 7 ","na"\r\n' for day in WEEKS) + "\r\n\r\n"
    assert planned(plan).touchpoints[0].spend.weeks_eur == [7.0] * 6


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("2026-01-12,102.5", "2026-01-13,102.5", 4, "2026-01-13 after 2026-01-05 (a gap)"),
        ("2026-01-12,102.5", "2026-01-05,102.5", 4, "2026-01-05 a second time"),
        ("2026-01-12,102.5,na\n", "", 4, "2026-01-19 after 2026-01-05 (a gap)"),
        ("2026-01-12,102.5", "2025-01-12,102.5", 4, "2025-01-12 after 2026-01-05"),
        ("2026-01-12,102.5", "12.01.2026,102.5", 4, 'found "12.01.2026" in column DATE, expected a date'),
        ("102.5", "na", 4, 'found "na" in column tv, expected a number of EUR of at least 0'),
        ("102.5", "NaN", 4, "a number of EUR"),
        ("102.5", "inf", 4, "a number of EUR"),
        ("102.5", "-1", 4, "a number of EUR"),
        ("102.5", "", 4, "a number of EUR"),
        ("102.5", "1_000", 4, "a number of EUR"),
        ("102.5", '"1,5"', 4, "a number of EUR"),
        ("102.5", "1,5", 4, "found 4 cells, expected 3 as in the header"),
        ("102.5", '"1.5', 4, "broken CSV"),
    ],
)
def test_bad_rows(planned, refused, tmp_path, old, new, line, words):
    problems = refused(planned, PLAN.replace(old, new))
    assert problems[0].file == str(tmp_path / "plan.csv")
    if words != "broken CSV":
        assert problems[0].line == line
    assert problems[0].where.startswith("touchpoints.tv.spend")
    assert words in str(problems[0])


def test_every_bad_row_up_to_a_limit(planned, refused):
    plan = "DATE,tv\n" + "".join("2026-01-05,na\n" for _ in range(30))
    problems = refused(planned, plan)
    assert len(problems) == 11
    assert "more rows like these" in str(problems[-1])


def test_dates_must_cover_the_run(planned, refused):
    (problem,) = refused(planned, "".join(PLAN.splitlines(keepends=True)[:-2]))
    assert problem.found == "weeks from 2025-12-29 to 2026-01-25"
    assert problem.expected == "an amount for every week from 2026-01-05 to 2026-02-01 (start_date and days)"


def test_coverage_holds_for_later_changes(planned, refused):
    scenario = planned()
    assert scenario.with_changes({"days": 35}).days == 35
    (problem,) = refused(scenario.with_changes, {"days": 36})
    assert problem.where == "touchpoints.tv.spend.weeks_eur"
    (problem,) = refused(scenario.with_changes, {"start_date": date(2025, 12, 28)})
    assert "weeks from 2025-12-29" in problem.found


def test_a_later_change_may_name_another_file(planned, tmp_path):
    scenario = planned()
    (tmp_path / "other.csv").write_text(PLAN.replace(",10", ",20"))
    changed = scenario.with_changes({"touchpoints.tv.spend.file": str(tmp_path / "other.csv")})
    assert changed.touchpoints[0].spend.weeks_eur[0] == 200.5


@pytest.mark.parametrize(
    ("spend", "where", "words"),
    [
        ({"column": "tvv"}, "touchpoints.tv.spend.column", 'did you mean "tv"?'),
        ({"date_column": "date"}, "touchpoints.tv.spend.date_column", 'did you mean "DATE"?'),
        ({"file": "gone.csv"}, "touchpoints.tv.spend.file", "no such file"),
        ({"file": "."}, "touchpoints.tv.spend.file", "a folder"),
        ({"weeks_eur": [1.0]}, "touchpoints.tv.spend.weeks_eur", "either file or weeks_eur"),
        ({"column": 5}, "touchpoints.tv.spend.column", "the name of a column"),
    ],
)
def test_bad_references(planned, refused, spend, where, words):
    (problem,) = refused(planned, **spend)
    assert problem.where == where
    assert words in str(problem)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (b"", "no rows"),
        (b"DATE,tv\n", "no rows"),
        (PLAN.replace("tv", "tü").encode("latin-1"), "a byte that is not UTF-8 (0xfc)"),
        (PLAN.encode("utf-16"), "a byte that is not UTF-8"),
        (PLAN.replace(",", ";"), "separated by commas"),
        (PLAN.replace("events", "tv"), '"tv", twice'),
    ],
)
def test_bad_files(planned, refused, plan, words):
    assert words in str(refused(planned, plan)[0])


def test_other_mistakes_are_said_too_but_none_that_follow(planned, basic, refused):
    basic["days"] = 0
    basic["touchpoints"][0]["cpm_eur"] = 0
    wheres = [problem.where for problem in refused(planned, PLAN.replace("102.5", "na"))]
    assert wheres == ["touchpoints.tv.spend", "days"]
