"""Reading venues' packages: what is missing or broken is said in one line."""

from __future__ import annotations

import json

import pytest

from integrations.fork import packages
from integrations.fork.packages import Artifact, PackageError, artifact, compiled, parse_artifact

ADDRESS = "0x" + "ab" * 20


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """A folder of packages that holds one, `venue`."""
    monkeypatch.setattr(packages, "MODULES", tmp_path)
    (tmp_path / "venue").mkdir()
    artifact.cache_clear()
    yield tmp_path
    artifact.cache_clear()


def test_missing_package__says_how_to_install(modules):
    with pytest.raises(PackageError, match=r"^the npm package other is not installed \(run `make setup`\)$"):
        artifact("other", "a.json")


def test_missing_file__names_it(modules):
    with pytest.raises(PackageError, match=r"^venue has no a\.json"):
        artifact("venue", "a.json")


def test_broken_file__names_it(modules):
    (modules / "venue" / "a.json").write_text("{")

    with pytest.raises(PackageError, match=r"^venue/a\.json is not JSON"):
        artifact("venue", "a.json")


@pytest.mark.parametrize("code", ["0x", "", None])
def test_interface__has_no_bytecode(modules, code):
    (modules / "venue" / "a.json").write_text(json.dumps({"abi": [], "bytecode": code}))

    with pytest.raises(PackageError, match=r"^venue/a\.json has no bytecode \(it is an interface"):
        artifact("venue", "a.json")


def test_link__puts_the_address_where_it_belongs():
    references = {"Lib.sol": {"Lib": [{"start": 1, "length": 20}, {"start": 23, "length": 20}]}}
    code = "60" + "__" * 20 + "5b5b" + "__" * 20 + "00"
    parsed = parse_artifact(
        {"contractName": "A", "abi": [], "bytecode": "0x" + code, "linkReferences": references}, "a"
    )

    linked = parsed.linked({"Lib": ADDRESS})

    assert linked == Artifact("A", [], "0x60" + "ab" * 20 + "5b5b" + "ab" * 20 + "00")


def test_link__without_a_library__names_it():
    with pytest.raises(PackageError, match=r"^A needs the library Lib$"):
        Artifact("A", [], "0x60", {"Lib": (1,)}).linked({})


def test_compiled__without_the_compiler__says_how_to_install(modules):
    (modules / "venue" / "src").mkdir()

    with pytest.raises(PackageError, match=r"^solc is not installed \(run `make setup`\)$"):
        compiled("venue", "src", {"A": "A.sol"})


def test_compiled__of_sources_with_a_fault__quotes_the_compiler(tmp_path, monkeypatch):
    source = tmp_path / "venue" / "src"
    source.mkdir(parents=True)
    (source / "A.sol").write_text("contract A { uint x = ; }")
    (tmp_path / "solc").symlink_to(packages.MODULES / "solc")
    monkeypatch.setattr(packages, "MODULES", tmp_path)
    monkeypatch.setattr(packages, "CACHE", tmp_path / "cache")

    with pytest.raises(PackageError, match=r"^solc could not compile venue: ParserError"):
        compiled("venue", "src", {"A": "A.sol"})

    assert not (tmp_path / "cache").exists()


def test_compiled__is_kept_by_its_content(tmp_path, monkeypatch):
    source = tmp_path / "venue" / "src"
    source.mkdir(parents=True)
    (source / "A.sol").write_text("contract A { uint public x = 1; }")
    (tmp_path / "solc").symlink_to(packages.MODULES / "solc")
    monkeypatch.setattr(packages, "MODULES", tmp_path)
    monkeypatch.setattr(packages, "CACHE", tmp_path / "cache")
    first = compiled("venue", "src", {"A": "A.sol"})["A"]
    monkeypatch.setattr(packages, "_solc", lambda *_: pytest.fail("compiled again"))

    assert compiled("venue", "src", {"A": "A.sol"})["A"] == first
    assert [entry["name"] for entry in first.abi] == ["x"]
