"""Every function of a contract says what it does, and what each argument and the answer is."""

import re
from pathlib import Path

import pytest

CONTRACTS = Path(__file__).parents[2] / "contracts"
#: Folders and files of which all functions are described.
DESCRIBED = (
    "aid/Allowlist.vy",
    "common/*.vy",
    "credit/Attestor.vy",
    "credit/ComputeReceipt.vy",
    "interfaces/IAllowlist.vyi",
    "interfaces/IP*Factory.vyi",
    "interfaces/IPendle*.vyi",
    "interfaces/IPriceFeed.vyi",
    "interfaces/ISta*Swap.vyi",
    "interfaces/IStandardizedYield.vyi",
    "interfaces/IYieldToken.vyi",
    "lending/*.vy",
    "lens/*.vy",
    "pool/*.vy",
    "split/*.vy",
)
FUNCTION = re.compile(
    r"^def (?P<name>\w+)\((?P<arguments>.*?)\)(?: -> (?P<answer>[^\n]*?))?:(?: \.\.\.)?(?:  #[^\n]*)?\n"
    r'(?P<told>    """\n.*?\n    """)?',
    re.DOTALL | re.MULTILINE,
)
ARGUMENT = re.compile(r"(\w+): ")
SOURCES = sorted({path for pattern in DESCRIBED for path in CONTRACTS.glob(pattern)})


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(CONTRACTS)))
def test_every_function__is_described(source):
    lacking = []
    for found in FUNCTION.finditer(source.read_text()):
        told = found["told"] or ""
        wanted = ["@notice"] + [f"@param {name}" for name in ARGUMENT.findall(found["arguments"])]
        wanted += ["@return"] if found["answer"] else []
        lacking += [f"{found['name']}: {tag}" for tag in wanted if not re.search(rf"{tag}\b", told)]
    assert lacking == []


def test_the_list__names_sources_that_exist():
    assert all(any(CONTRACTS.glob(pattern)) for pattern in DESCRIBED)
