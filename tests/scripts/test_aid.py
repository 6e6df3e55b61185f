"""`ape run aid …`, `said …`, `keep …` and `describe`: what they do, show, and refuse."""

import pytest

from tests.conftest import CYCLE, DAY, WAD

USD = 10**6
FEE_BPS = 5


@pytest.fixture(scope="module")
def minted(protocol, module_isolation, done):
    """alice with 99,950 AID, of which 40,000 are staked."""
    done("aid mint USDC 100000")
    done("said deposit 40000")
    return protocol


def travel(chain, seconds):
    chain.pending_timestamp += seconds
    chain.mine()


def test_mint__shows_the_quote_and_the_balances(minted, done, alice):
    before = minted.aid.balanceOf(alice)
    output = done("aid mint usdt 1,000")
    assert minted.aid.balanceOf(alice) - before == 1_000 * WAD * (10_000 - FEE_BPS) // 10_000
    assert "1,000 USDT → about 999.50 AID" in output
    assert "60,949.50" in output


def test_redeem__pays_the_coin(minted, done, alice):
    usdc = minted.coin("USDC").token
    before = usdc.balanceOf(alice)
    done("aid redeem USDC 500")
    assert usdc.balanceOf(alice) - before == 500 * USD * (10_000 - FEE_BPS) // 10_000


def test_redeem__as_a_basket_in_a_depeg(minted, done, alice, usdc_feed, governor):
    usdc_feed.set_price(90 * USD, sender=governor)
    usdc = minted.coin("USDC").token
    before, supply = usdc.balanceOf(alice), minted.aid.totalSupply()
    done("aid redeem --basket 500")
    # the mint's fee stays in the reserve, so the basket is capped at par: 100,000 coins for 100,000 dollars
    assert supply == 99_950 * WAD
    assert usdc.balanceOf(alice) - before == 500 * USD


def test_allow__gives_and_takes_kyc(minted, done, dave, chain):
    done(f"aid allow {dave.address} --days 30")
    until = minted.allowlist.kyc_expiry(dave)
    assert 0 <= chain.pending_timestamp + 30 * DAY - until <= 60
    done(f"aid allow {dave.address} --days 0")
    assert minted.allowlist.kyc_expiry(dave) == 0


def test_attest__makes_an_account_known(minted, done, compliance, dave, chain):
    minted.allowlist.set_verifier(compliance, True, sender=compliance)
    done("aid attest --verifier TEST::2 --account TEST::7 --days 90")
    assert minted.allowlist.kyc_expiry(dave) >= chain.pending_timestamp + 89 * DAY


def test_said__goes_in_and_out_through_a_cycle(minted, done, alice, chain):
    vault = minted.staked_aid
    start = vault.cycle_start(minted.state().staking.cycle + 1)
    travel(chain, start - chain.pending_timestamp + DAY)
    minted.coin("USDC").feed.set_price(100_000_000, sender=alice)
    done("said request 10000")
    assert minted.state([alice.address]).accounts[0].active == 10_000 * WAD
    done("said cancel")
    # nine basis points of the shares stay with those who stay
    assert vault.balanceOf(alice) == 40_000 * WAD - 9 * WAD
    done("said request 10000")
    travel(chain, CYCLE)
    output = done("keep settle")
    assert "10,002.25" in output
    before = minted.aid.balanceOf(alice)
    assert "10,002.25 AID for" in done("said claim")
    paid = 10_000 * WAD * (40_000 * WAD + 10**6) // (39_991 * WAD + 10**6)
    assert minted.aid.balanceOf(alice) - before == paid


def test_harvest__mints_what_exceeds_the_buffer_to_the_stakers(minted, done, vault):
    done("aid redeem USDC 50000")
    before = minted.aid.balanceOf(vault)
    # 50 AID of fees at minting, 25 at redeeming; a thousandth of the supply stays
    expected = 75 * WAD - minted.aid.totalSupply() * 10 // 10_000
    output = done("keep harvest")
    assert minted.aid.balanceOf(vault) - before == expected
    assert f"{expected // WAD}.{expected % WAD // 10**16:02d} AID to the stakers" in output


def test_keepers__remember_reports_and_probe_coins(minted, done, usdc, chain, accounts, alice):
    assert "gas" in done("keep report")
    assert "USDC can be delivered" in done("keep probe USDC")
    gateway = minted.gateway.address
    chain.provider.set_balance(gateway, 10**18)
    usdc.transfer(alice, usdc.balanceOf(gateway) // 2, sender=accounts.impersonate_account(gateway))
    assert "USDC CANNOT be delivered" in done("keep probe USDC")


def test_describe__shows_addresses_roles_parameters_and_the_balance_sheet(minted, done, governor, guardian):
    output = done("describe")
    for contract in ("aid", "gateway", "staked_aid", "insurance", "pool_factory"):
        assert minted.contract(contract).address in output
    assert governor.address in output
    assert guardian.address in output
    assert "staking reserve floor" in output
    assert "99,950.00" in output  # supply


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("aid mint USDC 2000000", "not enough USDC (1,100,000 more"),
        ("aid mint GOLD 1", "GOLD"),
        ("aid mint USDC -- -5", "expected a positive decimal, got '-5'"),
        ("aid mint USDC 100 --account TEST::7", "kyc required"),
        ("aid redeem USDC 99950", "the account has too little AID"),
        ("aid redeem --basket 99950", "the account has too little AID"),
        ("aid attest --verifier TEST::3", "not an approved verifier"),
        ("said deposit 70000", "the account has too little"),
        ("said request 50000", "the account has too little"),
        ("said cancel", "nothing to cancel"),
        ("said claim", "nothing to claim"),
        ("keep harvest", "nothing to harvest"),
        ("keep probe GOLD", "GOLD"),
        ("keep release", "covers losses until AID is wound down"),
        ("aid allow 0x00 --days 5", "not an address: 0x00"),
    ],
)
def test_bad_input__is_one_clear_line(minted, run, line, message):
    result = run(line)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output
    assert result.output.rstrip().splitlines()[-1].lower().startswith("error:")


def test_redeem__without_a_coin_or_basket__tells_the_usage(minted, run):
    for line in ("aid redeem", "aid redeem USDC", "aid redeem USDC 5 --basket 5"):
        assert "give COIN and AMOUNT, or --basket AMOUNT" in run(line).output
