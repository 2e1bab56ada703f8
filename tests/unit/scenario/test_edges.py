"""Social ties from edge lists."""

import gzip

import numpy as np
import pytest

from sim.scenario import Scenario, read_edges

GOOD = b"# friends\r\n0 1\r\n\r\n3\t2   # late\n  4 0\n1 2"


@pytest.fixture
def listed(tmp_path):
    def write(raw: bytes, name: str = "edges.txt"):
        path = tmp_path / name
        path.write_bytes(raw)
        return path

    return write


def test_ties_come_sorted_with_the_smaller_end_first(listed):
    a, b = read_edges(listed(GOOD), 5)
    assert a.dtype == b.dtype == np.int32
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 1), (0, 4), (1, 2), (2, 3)]


@pytest.mark.parametrize("name", ["edges.txt.gz", "edges"])
def test_gzip_whatever_its_name(listed, name):
    for mine, plain in zip(read_edges(listed(gzip.compress(GOOD), name), 5), read_edges(listed(GOOD), 5), strict=True):
        assert (mine == plain).all()


def test_byte_order_mark(listed):
    assert read_edges(listed(b"\xef\xbb\xbf0 1\n"), 2)[0].tolist() == [0]


@pytest.mark.parametrize(
    ("text", "line", "found", "expected"),
    [
        ("0 1\n1 x\n", 2, '"1 x"', "two whole numbers of at least 0"),
        ("0 1\n1.5 2\n", 2, '"1.5 2"', "two whole numbers"),
        ("0 1\n-1 2\n", 2, '"-1 2"', "two whole numbers of at least 0"),
        ("0 1\n1 2 3\n", 2, '"1 2 3"', "two whole numbers"),
        ("0 1\n2\n", 2, '"2"', "two whole numbers"),
        ("0,1\n", 1, '"0,1"', "two whole numbers"),
        ("0 1\n\u0661 2\n", 2, '"\u0661 2"', "two whole numbers"),
        ("0 1\n1 99999999999999999999\n", 2, '"1 99999999999999999999"', "two whole numbers"),
        ("0 1\n# no\n1 5\n", 3, '"1 5"', "consumer numbers from 0 to 4"),
        ("0 1\n2 2\n", 2, '"2 2"', "two different consumers"),
        ("0 1\n2 3\n0 1\n", 3, '"0 1"', "each tie once, in one direction"),
        ("0 1\n2 3\n1 0\n", 3, '"1 0"', "each tie once, in one direction"),
    ],
)
def test_bad_lines_are_named(listed, refused, text, line, found, expected):
    path = listed(text.encode())
    (problem,) = refused(read_edges, path, 5, where="ties.friends.file")
    assert (problem.file, problem.line, problem.found) == (str(path), line, found)
    assert problem.where == "ties.friends.file"
    assert problem.expected.startswith(expected)


def test_many_bad_lines(listed, refused):
    problems = refused(read_edges, listed(b"1 1\n" * 50), 5)
    assert [problem.line for problem in problems] == [*range(1, 11), None]
    assert problems[-1].found == "40 more lines like these"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no ties"),
        (b"# nothing\n\n", "no ties"),
        (b"# M\xfcller\n0 1\n", "a byte that is not UTF-8 (0xfc)"),
        ("0 1\n".encode("utf-16"), "not UTF-8"),
        (b"\x1f\x8bnot gzip at all", "damaged gzip"),
        (gzip.compress(b"0 1\n1 2\n" * 99)[:-12], "damaged gzip"),
    ],
)
def test_bad_files(listed, refused, raw, words):
    (problem,) = refused(read_edges, listed(raw), 5)
    assert words in problem.found


def test_missing_files(tmp_path, refused):
    assert refused(read_edges, tmp_path / "gone", 5)[0].found == "no such file or directory"
    assert refused(read_edges, tmp_path, 5)[0].found == "a folder"


def test_plain_text_called_gzip(listed, refused):
    assert "damaged gzip" in refused(read_edges, listed(b"0 1\n", "edges.gz"), 5)[0].found


def test_large_lists_agree_with_a_plain_reading(listed, refused, monkeypatch):
    monkeypatch.setattr("sim.scenario.edges._CHUNK", 1000)
    luck = np.random.default_rng(5)
    pairs = {tuple(sorted(pair)) for pair in luck.integers(0, 5000, (20_000, 2)).tolist() if pair[0] != pair[1]}
    mixed = luck.permutation(sorted(pairs))
    a, b = read_edges(listed("".join(f"{x} {y}\n" for x, y in mixed).encode()), 5000)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == sorted(pairs)
    last = len(mixed) + 1
    for extra in (f"{mixed[0][1]} {mixed[0][0]}", "7 7", "7 5000", "seven 8"):
        (problem,) = refused(
            read_edges, listed("".join(f"{x} {y}\n" for x, y in mixed).encode() + extra.encode()), 5000
        )
        assert (problem.line, problem.found) == (last, f'"{extra}"')


def test_scenarios_keep_an_absolute_path_and_check_that_it_is_there(basic, listed, refused, tmp_path):
    path = listed(GOOD)
    basic["ties"][0] |= {"kind": "file", "file": "edges.txt"}
    assert Scenario.from_dict(basic, folder=tmp_path).ties[0].file == str(path)
    path.unlink()
    (problem,) = refused(Scenario.from_dict, basic, folder=tmp_path)
    assert problem.where == "ties.friends.file"
    assert "no such file" in problem.found


def test_the_fingerprint_depends_on_the_ties_and_not_on_their_path(basic, listed, refused, tmp_path):
    listed(GOOD)
    basic["ties"][0] |= {"kind": "file", "file": "edges.txt"}
    here = Scenario.from_dict(basic, folder=tmp_path)
    basic["ties"][0]["file"] = "other.txt"
    listed(GOOD, "other.txt")
    there = Scenario.from_dict(basic, folder=tmp_path)
    assert here.fingerprint == there.fingerprint
    other = listed(b"0 1\n", "other.txt")
    assert here.fingerprint != there.fingerprint
    other.unlink()
    assert refused(lambda: there.fingerprint)[0].where == "ties.friends.file"
