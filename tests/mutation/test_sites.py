"""What counts as a mutant, which are chosen, and what the records make of them."""

import json
from pathlib import Path

import pytest

from tests.mutation import campaign, records, sites

SOURCE = '''# pragma version 0.4.3
"""
@notice Not a < b.
"""

from . import reasons

LEAST: constant(uint256) = 10**2
_held: uint256[3]


event Moved:
    amount: uint256


@external
def move(_a: uint256, _b: uint256) -> uint256:
    """
    @notice Move a + b.
    """
    # a comment with 1 + 1
    assert _a <= LEAST and _b != 0, "a + b"
    reasons._require(_a > 1, reasons.TWO)
    self._held[0] = _mul_up(_a, -5)
    log Moved(amount=_a + _b)
    return min(_a, _b)
'''


@pytest.fixture
def found(tmp_path):
    path = tmp_path / "contracts" / "a.vy"
    path.parent.mkdir()
    path.write_text(SOURCE)
    return sites.mutants(tmp_path, [path])


def test_mutants__are_all_tokens_that_compute(found):
    assert sorted((m.function, m.after) for m in found) == sorted(
        [
            ("", "LEAST: constant(uint256) = 11**2"),
            ("", "LEAST: constant(uint256) = 10**3"),
            ("move", 'assert True or _a <= LEAST and _b != 0, "a + b"'),
            ("move", 'assert _a < LEAST and _b != 0, "a + b"'),
            ("move", 'assert _a <= LEAST or _b != 0, "a + b"'),
            ("move", 'assert _a <= LEAST and _b == 0, "a + b"'),
            ("move", 'assert _a <= LEAST and _b != 1, "a + b"'),
            ("move", "reasons._require(True or _a > 1, reasons.TWO)"),
            ("move", "reasons._require(_a >= 1, reasons.TWO)"),
            ("move", "reasons._require(_a > 2, reasons.TWO)"),
            ("move", "pass"),
            ("move", "self._held[1] = _mul_up(_a, -5)"),
            ("move", "self._held[0] = _mul_down(_a, -5)"),
            ("move", "self._held[0] = _mul_up(_a, -6)"),
            ("move", "return max(_a, _b)"),
        ]
    )


def test_mutant__applied__changes_one_line(found):
    for mutant in found:
        old, new = SOURCE.split("\n"), mutant.applied(SOURCE).split("\n")
        changed = [at for at, (a, b) in enumerate(zip(old, new, strict=True), 1) if a != b]
        assert changed == [mutant.line]
        assert old[mutant.line - 1].strip() == mutant.before


def test_sample__of_fewer__begins_a_longer_one_and_moves_with_the_seed(found):
    chosen = sites.sample(found, 7, 10)
    assert sites.sample(found, 7, 4) == chosen[:4]
    assert sites.sample(found, 8, 10) != chosen
    assert len({m.id for m in found}) == len(found)


def test_own_tests__are_those_of_the_longest_beginning():
    assert campaign.own_tests("contracts/aid/Allowlist.vy") == ["tests/aid/test_allowlist.py"]
    assert campaign.own_tests("contracts/aid/reserve.vy") == ["tests/aid"]
    root = Path(__file__).parents[2]
    named = {path for paths in campaign.OWN.values() for path in paths} | set(campaign.BLIND)
    assert [path for path in named if not (root / path).exists()] == []


def test_table__counts_by_folder_and_leaves_out_what_does_not_compile(tmp_path):
    path = tmp_path / "mutants.jsonl"
    told = [("a", records.KILLED, 1), ("b", records.KILLED, 2), ("c", records.INVALID, 1)]
    told += [("d", records.SURVIVED, 2), ("e", records.SURVIVED, 2)]
    for name, verdict, stage in told:
        found = records.Verdict(name, "contracts/pool/x.vy", "f", "a", name, verdict, stage, "", 1)
        records.append(found, path)
    records.append(records.Argument("d", "No caller passes that.", True), path)
    assert len(path.read_text().splitlines()) == len(told) + 1
    assert all(json.loads(line) for line in path.read_text().splitlines())
    page = records.table(*records.read(path))
    assert "| pool | 4 | 1 | 1 | 2 | 1 | 67 % |" in page
    assert "No caller passes that." in page
    assert "Not looked at yet." in page
