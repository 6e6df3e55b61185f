"""Reverts and faults of the environment become one line that says what to do."""

import re
from pathlib import Path

import pytest
from ethpm_types import ContractType

from integrations.protocol import RevertedError
from integrations.protocol.artifacts import ABI, SHIPPED, layout_of, shipped
from integrations.protocol.errors import ADVICE, NetworkError, translate
from integrations.protocol.user import User

ROOT = Path(__file__).parents[2]

#: Reasons that only a governing or wiring transaction meets, where the reason itself says it all.
PLAIN = {
    "A not 1 to 1e6",
    "A step above 10",
    "above 18 decimals",
    "account out of bounds",
    "age out of bounds",
    "already governor",
    "approval out of bounds",
    "asset exists",
    "auction running",
    "auction set",
    "bad length",
    "band too wide",
    "book not empty",
    "cannot deny",
    "cap out of bounds",
    "cap too high",
    "capacity",
    "caps out of bounds",
    "cash limit",
    "coverage out of bounds",
    "cure out of bounds",
    "deadline out of bounds",
    "decimals",
    "desk set",
    "discount too large",
    "empty lot",
    "fee above 1 %",
    "fee above 50 % off peg",
    "fee too high",
    "fees out of bounds",
    "first loss out of bounds",
    "floor out of bounds",
    "gain above amount",
    "gateway set",
    "governor moves by handover",
    "grace out of bounds",
    "handover pending",
    "ids incomplete",
    "ids not ascending",
    "insured above amount",
    "interval out of bounds",
    "leg not current",
    "leg out of bounds",
    "loan is aid",
    "lot exists",
    "ltv out of bounds",
    "mark out of bounds",
    "market expired",
    "max age",
    "minimum out of bounds",
    "nav out of range",
    "no canceller",
    "no code",
    "no handover",
    "no leg",
    "no proposer",
    "not auction",
    "not configurator",
    "not credit desk",
    "not credit or guardian",
    "not desk",
    "not gateway",
    "not ledger",
    "not morpho",
    "not own role",
    "not paused",
    "not pending governor",
    "not insurance",
    "not portfolio",
    "not servicer",
    "not taken",
    "not vault",
    "observed in future",
    "offpeg above 2^40",
    "offpeg too high",
    "out of range",
    "payments out of bounds",
    "period not 1 to 2^20",
    "period out of bounds",
    "pool without aid",
    "pool without loan coin",
    "principal out of bounds",
    "ramp too short",
    "ramp too soon",
    "rate out of bounds",
    "receipt not here",
    "rise out of bounds",
    "receipt not locked",
    "receipt out of bounds",
    "reserve out of bounds",
    "same coin",
    "schedule bps",
    "schedule days",
    "share limit",
    "short history",
    "signatures differ",
    "staked aid set",
    "step out of bounds",
    "steps out of bounds",
    "term out of bounds",
    "threshold out of bounds",
    "too many assets",
    "too many vaults",
    "transfer failed",
    "unknown escrow",
    "unknown kind",
    "unknown leg",
    "unknown role",
    "value out of bounds",
    "vault in use",
    "vault set",
    "vesting overflow",
    "window out of bounds",
    "workout set",
    "wrong deal",
    "wrong pool",
    "zero address",
    "zero coin",
    "zero rate",
}


def pool_reasons():
    """Pools name a reason by its place, 16 characters wide, in a table."""
    table = (ROOT / "contracts" / "pool" / "reasons.vy").read_text()
    text = "".join(re.findall(r'"([^"\n]{80})"', table))
    return {text[at : at + 16].strip() for at in range(0, len(text), 16)} - {""}


def reasons():
    found = set()
    for path in (ROOT / "contracts").rglob("*.vy"):
        if "mocks" not in path.parts:
            code = re.sub(r'"""[\s\S]*?"""', "", path.read_text())
            found |= set(re.findall(r'(?:assert[\s\S]{1,400}?,|raise)\s*"([^"]+)"\n', code))
    return found | pool_reasons()


def test_every_reason_a_user_meets__has_advice():
    missing = reasons() - set(ADVICE) - PLAIN
    assert not missing


def test_every_advice__belongs_to_a_reason():
    import snekmate.tokens

    sources = [*(ROOT / "contracts").rglob("*.vy"), *Path(snekmate.tokens.__path__[0]).glob("*.vy")]
    said = {text for path in sources for text in re.findall(r'"([^"\n]+)"', path.read_text())}
    assert set(ADVICE) <= said | pool_reasons()


def test_every_reason__is_short():
    assert max(len(reason) for reason in reasons()) <= 32


def test_revert__through_the_user__is_typed_and_says_what_to_do(protocol, dave):
    with pytest.raises(RevertedError, match=r"kyc required .*COMPLIANCE") as caught:
        User(protocol, dave).mint("USDC", 10**6)
    assert caught.value.reason == "kyc required"


def test_missing_anvil__is_one_line():
    from ape_foundry.provider import FoundryNotInstalledError

    error = translate(FoundryNotInstalledError())
    assert isinstance(error, NetworkError)
    assert "make setup" in str(error)


def test_busy_port__is_one_line():
    error = translate(OSError(98, "Address already in use: port 8545"))
    assert isinstance(error, NetworkError)
    assert "\n" not in str(error)


def test_a_programming_error__is_not_hidden():
    assert translate(KeyError("x")) is None


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_abi_and_layout__are_those_of_the_sources(project, name):
    compiled = getattr(project, name).contract_type
    assert ContractType.model_validate({"abi": shipped(name)["abi"]}).abi == compiled.abi, "run `make abi`"
    assert shipped(name)["layout"] == layout_of(ROOT, name), "run `make abi`"


def test_shipped_abis__have_their_layouts():
    assert sorted(path.stem for path in ABI.glob("*.json")) == sorted(SHIPPED)
    assert "storage_layout" in shipped("StakedAID")["layout"]
