"""Whatever is written: it is accepted and survives a round trip, or refused with one clear message per mistake."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import Problem, ScenarioError
from sim.scenario import Scenario
from tests.strategies import scenario_dicts, valid_scenarios

few = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@few
@given(valid_scenarios())
def test_valid_scenarios_survive_being_written_out(tmp_path_factory, scenario):
    path = tmp_path_factory.mktemp("written") / "scenario.toml"
    path.write_text(scenario.to_toml(), encoding="utf-8")
    again = Scenario.load(path)
    assert again == scenario
    assert again.fingerprint == scenario.fingerprint
    assert again.to_toml() == scenario.to_toml()
    assert all(isinstance(warning, str) for warning in scenario.warnings)


@few
@given(scenario_dicts())
def test_everything_else_is_refused_in_plain_words(tables):
    problems: list[Problem] = []
    try:
        scenario = Scenario.from_dict(tables)
    except ScenarioError as error:
        problems = error.problems
        said = str(error)
    else:
        assert scenario.with_changes({}) == scenario
        return
    assert problems
    assert all(problem.expected for problem in problems)
    assert "Input should" not in said
    assert "pydantic" not in said


@few
@given(valid_scenarios(), st.randoms(use_true_random=False))
def test_the_order_of_named_entries_means_nothing(scenario, luck: random.Random):
    tables = scenario.model_dump(exclude_unset=True)
    for entries in (tables["personas"], tables["touchpoints"], tables["ties"], tables["market"]["rivals"]):
        luck.shuffle(entries)
    assert Scenario.from_dict(tables).fingerprint == scenario.fingerprint
