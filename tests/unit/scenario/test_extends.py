"""What-ifs on top of a base: what is merged, replaced, removed and refused."""

from sim.scenario import Scenario
from tests.unit.scenario.texts import BASE


def test_one_field_of_one_touchpoint(write):
    base = Scenario.load(write("base.toml", BASE))
    changed = Scenario.load(write("if.toml", 'extends = "base.toml"\n[[touchpoints]]\nname = "tv"\ncpm_eur = 5.0\n'))
    assert changed == base.with_changes({"touchpoints.tv.cpm_eur": 5.0})


def test_tables_merge_and_other_lists_are_replaced(write):
    write("base.toml", BASE)
    text = """
        extends = "base.toml"
        [[personas]]
        name = "old"
        platforms = { tiktok = 0.1 }
        [[touchpoints]]
        name = "tv"
        spend.flights = []
    """
    changed = Scenario.load(write("if.toml", text))
    assert changed.personas[1].platforms == {"instagram": 0.5, "tiktok": 0.1}
    assert changed.touchpoints[0].spend.flights == []
    assert changed.touchpoints[0].spend.weekly_eur == 500.0


def test_entries_are_added_and_removed(write):
    write("base.toml", BASE)
    text = """
        extends = "base.toml"
        [[ties]]
        name = "friends"
        remove = true
        [[ties]]
        name = "kin"
        [[market.rivals]]
        name = "acme"
    """
    changed = Scenario.load(write("if.toml", text))
    assert [ties.name for ties in changed.ties] == ["kin"]
    assert [rival.name for rival in changed.market.rivals] == ["acme"]


def test_chains_in_other_folders(write, tmp_path):
    write("base.toml", BASE)
    (tmp_path / "inner").mkdir()
    write("inner/middle.toml", 'extends = "../base.toml"\ndays = 10\nagents = 50')
    assert Scenario.load(write("top.toml", 'extends = "inner/middle.toml"\ndays = 20')).days == 20
    assert Scenario.load(tmp_path / "top.toml").agents == 50


def test_a_setting_can_be_switched_off(write):
    write("base.toml", BASE.replace("price = 10.0", "needs_shape = 2.0"))
    assert (
        Scenario.load(write("if.toml", 'extends = "base.toml"\nmarket.needs_shape = "none"')).market.needs_shape is None
    )


def test_cycles(write, refused):
    a = write("a.toml", '# round\nextends = "b.toml"')
    b = write("b.toml", 'extends = "a.toml"')
    (problem,) = refused(Scenario.load, a)
    assert str(problem) == f'{b}:1: extends: found "a.toml", expected a file that does not extend this one in turn'
    (problem,) = refused(Scenario.load, write("self.toml", 'extends = "self.toml"'))
    assert problem.line == 1


def test_a_base_that_is_not_there(write, refused):
    path = write("if.toml", '\nextends = "gone.toml"')
    (problem,) = refused(Scenario.load, path)
    assert str(problem).startswith(f'{path}:2: extends: found "gone.toml", expected a scenario file')
    (problem,) = refused(Scenario.load, write("if.toml", "extends = 5"))
    assert (problem.where, problem.found) == ("extends", "5")


def test_mistakes_name_the_file_they_stand_in(write, refused):
    base = write("base.toml", BASE.replace("cpm_eur = 10.0", "cpm_eur = -10.0"))
    path = write("if.toml", 'extends = "base.toml"\n[[touchpoints]]\nname = "tv"\nattention = 2\n')
    problems = {problem.where: problem for problem in refused(Scenario.load, path)}
    assert (problems["touchpoints.tv.cpm_eur"].file, problems["touchpoints.tv.cpm_eur"].line) == (str(base), 20)
    assert (problems["touchpoints.tv.attention"].file, problems["touchpoints.tv.attention"].line) == (str(path), 4)


def test_removing_what_is_not_there(write, refused):
    write("base.toml", BASE)
    path = write("if.toml", 'extends = "base.toml"\n[[ties]]\nname = "frends"\nremove = true\n')
    (problem,) = refused(Scenario.load, path)
    assert (problem.where, problem.line) == ("ties.frends.remove", 4)
    assert 'did you mean "friends"?' in problem.expected
    write("if.toml", 'extends = "base.toml"\n[[ties]]\nname = "friends"\nremove = false\n')
    (problem,) = refused(Scenario.load, path)
    assert problem.found == "false"
    write("if.toml", 'extends = "base.toml"\n[[ties]]\nname = "friends"\nremove = true\nwithin = 0.5\n')
    (problem,) = refused(Scenario.load, path)
    assert problem.found == "other settings beside it"


def test_the_same_name_twice_in_one_file(write, refused):
    write("base.toml", BASE)
    path = write("if.toml", 'extends = "base.toml"\n[[ties]]\nname = "friends"\n[[ties]]\nname = "friends"\n')
    (problem,) = refused(Scenario.load, path)
    assert (problem.where, problem.line) == ("ties.friends.name", 5)


def test_a_what_if_replaces_weekly_amounts_by_a_file_and_back(write):
    plan = "DATE,tv\n2026-01-05,1\n2026-01-12,2\n2026-01-19,3\n2026-01-26,4\n"
    write("plan.csv", plan)
    spend = "[touchpoints.spend]\n"
    write("base.toml", BASE.replace(spend, spend + "weeks_eur = [9, 9, 9, 9]\n"))
    write("file.toml", 'extends = "base.toml"\n[[touchpoints]]\nname = "tv"\nspend.file = "plan.csv"\n')
    back = 'extends = "file.toml"\n[[touchpoints]]\nname = "tv"\nspend.weeks_eur = [5, 5, 5, 5]\n'
    assert Scenario.load(write("back.toml", back)).touchpoints[0].spend.weeks_eur == [5.0] * 4
    assert Scenario.load(write("back.toml", back).parent / "file.toml").touchpoints[0].spend.weeks_eur == [1, 2, 3, 4]


def test_an_empty_list_is_no_way_to_take_all_out(write, refused):
    write("base.toml", BASE)
    path = write("if.toml", 'extends = "base.toml"\npersonas = []\n')
    (problem,) = refused(Scenario.load, path)
    assert (problem.where, problem.found, problem.line) == ("personas", "[]", 2)
    assert "remove = true" in problem.expected
