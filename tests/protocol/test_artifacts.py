"""Which contracts are compiled again after an edit."""

from pathlib import Path

import pytest

from integrations.protocol import artifacts


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    files = {
        "contracts/part/Top.vy": "from . import middle\n",
        "contracts/part/middle.vy": "from ..interfaces import IBoundary\n",
        "contracts/interfaces/IBoundary.vyi": "# a boundary\n",
        "contracts/part/Other.vy": "x: uint256\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("edited", ["part/Top.vy", "part/middle.vy", "interfaces/IBoundary.vyi"])
def test_an_edit_of_anything_that_a_contract_imports_makes_it_stale_and_no_other(sources, edited):
    before = artifacts._digests(sources)
    file = sources / "contracts" / edited
    file.write_text(file.read_text() + "# more\n")
    after = artifacts._digests(sources)

    assert set(after) == {"contracts/part/Top.vy", "contracts/part/Other.vy"}
    assert [source for source in after if after[source] != before[source]] == ["contracts/part/Top.vy"]


def test_pipeline__makes_those_contracts_stale_that_ask_for_the_newer_one(sources, monkeypatch):
    top = sources / "contracts" / "part" / "Top.vy"
    top.write_text("# pragma experimental-codegen\n" + top.read_text())
    before = artifacts._digests(sources)
    monkeypatch.setenv("AID_PIPELINE", "legacy")
    after = artifacts._digests(sources)

    assert [source for source in after if after[source] != before[source]] == ["contracts/part/Top.vy"]
