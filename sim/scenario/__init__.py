"""What people write, checked once: a scenario file becomes a `Scenario`, or a list of everything wrong with it."""

from sim.scenario.changes import parse_changes
from sim.scenario.edges import read_edges
from sim.scenario.editor import json_schema
from sim.scenario.scenario import Scenario
from sim.scenario.shipped import find, shipped
from sim.scenario.starter import STARTER

__all__ = ["STARTER", "Scenario", "find", "json_schema", "parse_changes", "read_edges", "shipped"]
