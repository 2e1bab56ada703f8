"""Files that cannot be used: one clear message each."""

import pytest

from sim.scenario import Scenario, find, shipped
from tests.unit.scenario.texts import BASE


def test_missing_file(tmp_path, refused):
    (problem,) = refused(Scenario.load, tmp_path / "gone.toml")
    assert str(problem).startswith(
        f"{tmp_path / 'gone.toml'}: found no such file, expected a scenario file or the name"
    )


def test_folder(tmp_path, refused):
    (problem,) = refused(Scenario.load, tmp_path)
    assert str(problem) == f"{tmp_path}: found a folder, expected a scenario file in TOML"


def test_not_utf8(tmp_path, refused):
    path = tmp_path / "latin.toml"
    path.write_bytes('days = 5\ntitle = "Müsli"\n'.encode("latin-1"))
    (problem,) = refused(Scenario.load, path)
    assert str(problem) == (
        f"{path}:2: found a byte that is not UTF-8 (0xfc), expected a scenario file in TOML, saved as UTF-8"
    )


def test_byte_order_mark_and_windows_line_ends(tmp_path, write):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert Scenario.load(path) == Scenario.load(write("unix.toml", BASE))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("days = \n", 1),
        ("days = 5\n[market\n", 2),
        ("a = 1\na = 2\nb = 3\n", 2),
        ("d = 2026-02-30\n", 1),
        ("n = " + "1" * 5000, None),
        ("n = " + "[" * 5000, None),
    ],
)
def test_not_toml(write, refused, text, line):
    (problem,) = refused(Scenario.load, write("bad.toml", text))
    assert problem.expected == "valid TOML"
    assert problem.line == line


def test_paths_may_be_text(write):
    assert Scenario.load(str(write("story.toml", BASE))).agents == 100


def test_shipped_scenarios_go_by_name(write, tmp_path):
    path = write("coffee.toml", 'title = "Coffee"\n')
    write("empty.toml", "")
    write("broken.toml", "days =")
    write("told.toml", 'description = "First line.\\nSecond."')
    write("_base.toml", "")
    assert shipped([tmp_path]) == [
        ("broken", "(cannot be read)"),
        ("coffee", "Coffee"),
        ("empty", ""),
        ("told", "First line."),
    ]
    assert find("coffee", [tmp_path]) == path
    assert find("coffee.toml", [tmp_path]) == path


def test_a_folder_of_results_does_not_hide_a_shipped_scenario(write, tmp_path, monkeypatch):
    path = write("coffee.toml", "")
    (tmp_path / "work" / "coffee").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    assert find("coffee", [tmp_path]) == path


def test_unknown_name_suggests_the_nearest(write, tmp_path, refused):
    write("coffee.toml", "")
    (problem,) = refused(find, "cofee", [tmp_path])
    assert 'did you mean "coffee"?' in problem.expected
