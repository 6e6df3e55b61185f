"""What a user does through the Python layer: quoted, bounded, approved exactly."""

import ape
import pytest

from integrations.protocol import AddressBookError
from integrations.protocol.attestation import sign_attestation
from integrations.protocol.user import User
from tests.conftest import CYCLE, DAY, WAD

COIN = 10**6
FEE_BPS = 5


@pytest.fixture
def user(protocol, alice, usdc, gateway):
    usdc.approve(gateway, 0, sender=alice)
    return User(protocol, alice)


def test_mint__approves_exactly_and_pays_the_fee(user, usdc, gateway, aid):
    outcome = user.mint("usdc", 10_000 * COIN)
    assert outcome.received == 10_000 * WAD * (10_000 - FEE_BPS) // 10_000
    assert aid.balanceOf(user.address) == outcome.received
    assert usdc.allowance(user.address, gateway) == 0


def test_redeem__pays_the_other_coin(user, usdt, protocol, bob):
    User(protocol, bob).mint("USDT", 5_000 * COIN)
    user.mint("USDC", 5_000 * COIN)
    before = usdt.balanceOf(user.address)
    outcome = user.redeem("USDT", 1_000 * WAD)
    assert usdt.balanceOf(user.address) - before == outcome.received == 1_000 * COIN * 9_995 // 10_000


def test_redeem_basket__in_a_depeg__pays_the_same_part_of_everything(
    user, protocol, bob, usdc, usdt, usdc_feed, governor
):
    user.mint("USDC", 3_000 * COIN)
    User(protocol, bob).mint("USDT", 1_000 * COIN)
    supply = protocol.aid.totalSupply()
    usdc_feed.set_price(90 * COIN, sender=governor)
    before = [coin.balanceOf(user.address) for coin in (usdc, usdt)]
    outcome = user.redeem_basket(400 * WAD)
    # fees of the mints are in the reserve too: B_par = 4,000 dollars stands above the supply
    expected = [400 * WAD * units * COIN // (4_000 * WAD) for units in (3_000, 1_000)]
    assert supply < 4_000 * WAD
    assert [
        coin.balanceOf(user.address) - b for coin, b in zip((usdc, usdt), before, strict=True)
    ] == expected
    assert outcome.received == 2


def test_stake_and_leave__through_a_cycle(user, protocol, vault, aid):
    user.mint("USDC", 2_000 * COIN)
    deposited = user.deposit(1_000 * WAD)
    assert deposited.received == 1_000 * WAD
    assert aid.allowance(user.address, vault) == 0
    user.request(600 * WAD)
    # nine basis points of the shares stay with those who stay
    assert user.cancel().received == 600 * WAD * 9_991 // 10_000
    user.request(250 * WAD)
    ape.chain.pending_timestamp = vault.cycle_start(vault.summary().cycle + 1)
    ape.chain.mine()
    (account,) = protocol.state([user.address]).accounts
    shares = 1_000 * WAD - 600 * WAD * 9 // 10_000
    paid = 250 * WAD * (1_000 * WAD + 10**6) // (shares + 10**6)
    assert (account.active, account.claim_assets) == (0, paid)
    user.settle()
    assert user.claim().received == paid


def test_harvest__mints_the_surplus_above_the_buffer(user, protocol, usdc_feed, governor):
    user.mint("USDC", 10_000 * COIN)
    user.deposit(5_000 * WAD)
    # eight times in and out: each AID pays five basis points both ways
    for _ in range(8):
        user.redeem("USDC", 2_000 * WAD)
        user.mint("USDC", 2_000 * COIN)
    state = protocol.state()
    surplus = state.backing - state.supply - state.supply * 10 // 10_000
    # a day's harvest is at most ten basis points of what is staked
    day = 5_000 * WAD * 10 // 10_000
    assert surplus > day
    ape.chain.pending_timestamp += DAY
    usdc_feed.set_price(COIN * 100, sender=governor)
    assert user.harvest().received in (surplus, day)


def test_attest__makes_a_stranger_known(protocol, compliance, dave, carol):
    protocol.allowlist.set_verifier(carol, True, sender=compliance)
    now = ape.chain.pending_timestamp
    signed = sign_attestation(protocol, carol, dave.address, now + CYCLE, now + DAY)
    User(protocol, dave).attest(signed)
    assert protocol.allowlist.kyc_expiry(dave) == now + CYCLE
    assert User(protocol, dave).mint("USDC", COIN).received > 0


def test_unknown_coin__lists_the_known_ones(user):
    with pytest.raises(AddressBookError, match="accepts USDC, USDT"):
        user.mint("DAI", 1)
