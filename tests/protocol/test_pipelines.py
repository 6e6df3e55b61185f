"""What is compiled by Vyper's newer pipeline, Venom: the same contract, and none of what it gets wrong."""

from pathlib import Path

import pytest
from vyper import ast as vy_ast

from integrations.protocol import artifacts
from integrations.protocol.artifacts import compiled_without_venom, shipped
from tests.gas.sizes_table import ROOT, by_venom


def sources_of(name: str) -> list[Path]:
    """A contract's file and those of the project's modules that it imports."""
    found: set[Path] = set()
    left = list((ROOT / "contracts").rglob(f"{name}.vy"))
    while left:
        at = left.pop()
        if at not in found:
            found.add(at)
            left += artifacts._imports(at)
    return sorted(path for path in found if path.suffix == ".vy")


def bare_choices(source: str) -> list[int]:
    """Lines at which a conditional expression chooses a bare parameter of its function."""
    lines = []
    for function in vy_ast.parse_to_ast(source).get_descendants(vy_ast.FunctionDef):
        parameters = {argument.arg for argument in function.args.args}
        for choice in function.get_descendants(vy_ast.IfExp):
            chosen = {getattr(branch, "id", None) for branch in (choice.body, choice.orelse)}
            if chosen & parameters:
                lines.append(choice.lineno)
    return lines


@pytest.mark.parametrize("name", by_venom())
def test_both_pipelines__agree_on_abi_and_storage(name):
    plain = compiled_without_venom(ROOT, name)
    assert plain["abi"] == shipped(name)["abi"]
    assert plain["layout"] == shipped(name)["layout"]


@pytest.mark.parametrize("name", by_venom())
def test_what_venom_builds__never_chooses_a_bare_parameter_by_a_conditional_expression(name):
    """Vyper 0.4.3 takes the address of a parameter then and never stores the parameter there."""
    assert {path.name: bare_choices(path.read_text()) for path in sources_of(name)} == {
        path.name: [] for path in sources_of(name)
    }


def test_bare_choices__are_found():
    source = "@internal\ndef _f(_a: uint256, _b: uint256):\n    c: uint256 = _a if _b != 0 else 1\n"
    assert bare_choices(source) == [3]
