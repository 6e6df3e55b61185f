"""`ape run deals …`: what is refused, in one clear line, and how its help helps."""

import re
from pathlib import Path

import ape
import pytest

from tests.aid.gateway_setup import AFTER_THE_INSTALLATION
from tests.scripts.conftest import commands, flat, succeeding, with_book

pytestmark = AFTER_THE_INSTALLATION

LOAN = str(Path(__file__).parents[2] / "deals" / "h100-debt.yaml")
COMMANDS = (
    *("schedule", "list", "show", "propose", "attest", "approve", "cancel", "fund", "pay", "settle"),
    *("draw", "mark", "close", "default", "auction", "step-in", "buy", "claim"),
)


@pytest.fixture(scope="module")
def run(staked, tmp_path_factory):
    return commands(with_book(staked, tmp_path_factory.mktemp("refused") / "local.json"))


@pytest.fixture(scope="module")
def funded(run):
    """Deal 1, funded by staked AID."""
    done = succeeding(run)
    done(f"deals propose {LOAN}")
    done("deals approve 1")
    return done("deals fund 1")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("show 9", "there is no deal 9 (`ape run deals list` shows all)"),
        ("show 0", "there is no deal 0"),
        ("propose nowhere.yaml", "nowhere.yaml"),
        (f"propose {LOAN} --receipt 7", "erc721: invalid token ID"),
        ("approve 1", "not proposed (the deal was never proposed, or is decided already"),
        ("approve 9", "there is no deal 9"),
        ("approve 1 --funder 0x12", "not an address: 0x12"),
        ("cancel 1", "not proposed (the deal was never proposed"),
        ("cancel 1 --account TEST::8", "not credit"),
        ("fund 1", "not approved (have CREDIT approve the deal"),
        ("pay 1 GOLD 5", "unknown stablecoin GOLD"),
        ("pay 1 USDC 0", "expected a positive decimal, got '0'"),
        ("pay 1 USDC ten", "expected a positive decimal, got 'ten'"),
        ("pay 1 USDC 0.0000001", "at most 6 decimals"),
        ("pay 9 USDC 5", "not funded"),
        ("pay 1 USDC 5 --share", "no such leg (the deal has no debt, or no revenue share"),
        ("pay 1 USDC 90000000 --account TEST::8", "not enough USDC (89,000,000 more"),
        ("pay 1 AID 5 --account TEST::99", "no test account TEST::99"),
        ("settle 3", "unknown escrow"),
        ("draw 1", "nothing to draw"),
        ("mark 1 0", "expected a positive decimal"),
        ("mark 1 50 --account TEST::8", "not credit (use an account that holds CREDIT"),
        ("close 1", "still open"),
        ("default 1", "not late"),
        ("auction 1", "not in default (declare the default first"),
        ("auction 1 --bid USDC", "the collateral of deal 1 is not for sale"),
        ("auction 1 --expire", "no auction"),
        ("auction 1 --restart 5 4", "no auction"),
        ("auction 1 --again", "nothing unsold"),
        ("step-in 1 --announce --instalments 12", "not in default"),
        ("buy 1 5", "offering.1 is not deployed"),
        ("claim 1", "offering.1 is not deployed"),
        ("claim", "nothing to claim"),
        ("attest 1 --coverage -1", "coverage: expected a positive decimal, got '-1'"),
        ("attest 1 --coverage 1.5 --attestor TEST::8", "not attestor"),
        ("attest 1 --appraisal 99000000", "step too large"),
    ],
)
def test_bad_input__is_one_clear_line(funded, run, line, message):
    ape.chain.mine(60)
    result = run(f"deals {line}")
    assert result.exit_code in (1, 2)
    assert message in flat(result.output)
    assert "Traceback" not in result.output
    assert result.output.rstrip().splitlines()[-1].lower().startswith("error:")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("auction 1 --expire --bid USDC", "give at most one of --bid, --expire, --restart, --again"),
        ("attest 1", "give at least one of --appraisal, --coverage, --telemetry"),
        ("step-in 1 --instalments 12", "give --announce and --instalments together"),
        ("step-in 1 --announce --instalments 12 --interval 32", "7<=x<=31"),
        ("pay 1 USDC", "Missing argument 'AMOUNT'"),
        ("show one", "'one' is not a valid integer"),
    ],
)
def test_wrong_usage__is_told_before_anything_is_sent(run, line, message):
    result = run(f"deals {line}")
    assert result.exit_code == 2
    assert message in flat(result.output)


@pytest.mark.parametrize("command", COMMANDS)
def test_help__shows_an_example(run, command):
    assert f"ape run deals {command}" in flat(run(f"deals {command} --help").output)


def test_help__lists_every_command(run):
    listed = re.findall(r"^  ([a-z-]+) ", run("deals --help").output.partition("Commands:")[2], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)
