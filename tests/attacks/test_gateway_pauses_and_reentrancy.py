"""Attacks G10, G12 and G14 of the catalogue on a Gateway in use: every function paused, and re-entered."""

import pytest
from ape import chain, project, reverts
from eth_utils import keccak

from tests.aid import gateway_model as model
from tests.aid.gateway_model import DAY, WAD
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    FOREVER,
    STAKE,
    USDC,
    at,
    attach_desk,
    list_coin,
    quote,
)

pytestmark = AFTER_THE_INSTALLATION


@pytest.fixture(scope="module")
def busy(protocol, stocked, governor, treasury, treasurer, usdc, usdt, usdt_feed, tbill, alice, bob, carol):
    """A Gateway in which every function has something to do: a desk with a payment in escrow, an undelivered
    leg of alice's, T-bills, a surplus; and a third coin.
    """
    tether = governor.deploy(project.TetherLike)
    feed = list_coin(protocol, governor, tether, [alice, carol])
    stocked.mint(tether, STAKE, 0, sender=carol)
    treasury.allocate(tbill, 1_000 * USDC, sender=treasurer)
    desk = attach_desk(protocol, governor, [bob], 10_000 * WAD)
    for coin in (usdc, usdt):
        coin.approve(desk, FOREVER, sender=bob)
    quote(usdt_feed, 700)
    tether.set_blacklisted(alice, True, sender=alice)
    stocked.redeem_basket(1_000 * WAD, [], sender=alice)
    tether.set_blacklisted(alice, False, sender=alice)
    desk.pay(usdt, 1_000 * USDC, 0, 0, sender=bob)
    quote(usdt_feed, 1_000)
    stocked.recapitalise(usdc, 5_000 * USDC, sender=alice)
    return {"tether": tether, "feed": feed, "desk": desk}


GOVERNED = {
    *("write_policy", "write_asset", "delist_asset", "write_vault", "delist_vault", "set_staked_aid"),
    "rebalance",
}
FUNCTIONS = (
    *("mint", "mint_with_permit", "redeem", "redeem_basket", "claim_owed", "recapitalise", "harvest"),
    *("credit_redeem", "credit_repay", "credit_repay_or_wait", "convert_escrow"),
)
TREASURY_FUNCTIONS = ("allocate", "deallocate")

# What each function answers while a flag is set; those not named work.
PAUSES = {
    "nothing": {},
    "AID": {
        **dict.fromkeys(("mint", "mint_with_permit", "redeem", "redeem_basket", "harvest"), "paused"),
        **dict.fromkeys(("credit_redeem", "convert_escrow"), "paused"),
        "credit_repay": "not convertible",
    },
    "minting": {
        **dict.fromkeys(("mint", "mint_with_permit", "harvest"), "mint paused"),
        "credit_repay": "not convertible",
    },
    "minting by the coin": {
        **dict.fromkeys(("mint", "mint_with_permit", "recapitalise"), "mint paused"),
        "credit_repay": "not convertible",
    },
    "redemption": dict.fromkeys(("redeem", "redeem_basket", "credit_redeem"), "redeem paused"),
    "redemption of the coin": dict.fromkeys(("redeem", "credit_redeem"), "redeem paused"),
    "every coin, both ways": {
        **dict.fromkeys(("mint", "mint_with_permit", "recapitalise"), "mint paused"),
        **dict.fromkeys(("redeem", "credit_redeem"), "redeem paused"),
        "credit_repay": "not convertible",
    },
    "winding down": dict.fromkeys(
        ("mint", "mint_with_permit", "harvest", "credit_redeem", "allocate"), "winding down"
    ),
    "wound down": dict.fromkeys(
        ("mint", "mint_with_permit", "redeem", "harvest", "credit_redeem", "allocate"), "winding down"
    ),
}


@pytest.mark.parametrize("flag", PAUSES)
def test_g10__each_pause__stops_what_it_names_and_nothing_else(
    protocol, stocked, busy, people, usdc, usdt, tbill, usdc_feed, usdt_feed, flag, treasury
):
    configurator, guardian, governor = protocol.configurator, people.guardian, people.governor
    tether, desk = busy["tether"], busy["desk"]
    if flag == "AID":
        protocol.aid.pause(sender=guardian)
    elif flag == "minting":
        configurator.pause_mint(sender=guardian)
    elif flag == "minting by the coin":
        configurator.pause_asset(usdc, True, False, sender=guardian)
    elif flag == "redemption":
        configurator.pause_redeem(sender=guardian)
    elif flag == "redemption of the coin":
        configurator.pause_asset(usdc, False, True, sender=guardian)
    elif flag == "every coin, both ways":
        for coin in (usdc, usdt, tether):
            configurator.pause_asset(coin, True, True, sender=guardian)
    elif flag in ("winding down", "wound down"):
        configurator.start_wind_down(sender=governor)
    if flag == "wound down":
        at(chain.blocks.head.timestamp + 14 * DAY, usdc_feed, usdt_feed, busy["feed"])
        chain.mine()

    def basket():
        quote(usdt_feed, 700)
        stocked.redeem_basket(WAD, [], sender=people.alice)

    signature = (27, bytes(32), bytes(32))
    calls = {
        "mint": lambda: stocked.mint(usdc, USDC, 0, sender=people.alice),
        "mint_with_permit": lambda: stocked.mint_with_permit(
            usdc, USDC, 0, FOREVER, *signature, sender=people.alice
        ),
        "redeem": lambda: stocked.redeem(usdc, WAD, 0, sender=people.alice),
        "claim_owed": lambda: stocked.claim_owed(tether, people.alice, sender=people.alice),
        "recapitalise": lambda: stocked.recapitalise(usdc, USDC, sender=people.mallory),
        "harvest": lambda: stocked.harvest(sender=people.mallory),
        "credit_redeem": lambda: desk.fund_and_redeem(WAD, 0, usdc, people.dave, sender=people.dave),
        "credit_repay": lambda: desk.repay(usdc, USDC, WAD, 0, sender=people.bob),
        "credit_repay_or_wait": lambda: desk.pay(usdc, USDC, 0, 0, sender=people.bob),
        "convert_escrow": lambda: stocked.convert_escrow(1, sender=people.mallory),
        "allocate": lambda: treasury.allocate(tbill, 10 * USDC, sender=people.treasurer),
        "deallocate": lambda: treasury.deallocate(tbill, WAD, sender=people.treasurer),
        "redeem_basket": basket,  # last, for it makes a deficit
    }
    assert set(calls) == set(FUNCTIONS + TREASURY_FUNCTIONS)
    for name, call in calls.items():
        if name in PAUSES[flag]:
            with reverts(PAUSES[flag][name]):
                call()
        else:
            call()


def test_g10__the_matrix__has_every_function_that_moves_value(stocked):
    mutable = {method.name for method in stocked.contract_type.mutable_methods}
    assert mutable - GOVERNED == set(FUNCTIONS)


def test_g10__the_matrix__has_every_function_of_the_treasury(treasury):
    mutable = {method.name for method in treasury.contract_type.mutable_methods}
    assert mutable - {"change"} == set(TREASURY_FUNCTIONS)


# G12: what is in escrow or owed


def test_g12__coins_in_escrow_or_owed__are_out_of_everyones_reach(
    stocked, busy, usdt, tbill, alice, carol, mallory
):
    """1,000 USDT wait in escrow and some of the third coin is owed: no function pays them to anyone else."""
    tether = busy["tether"]
    owed = stocked.owed(alice, tether)
    assert owed > 0
    assert stocked.units_of(tether) == tether.balanceOf(stocked) - owed
    assert stocked.units_of(usdt) == usdt.balanceOf(stocked) - 1_000 * USDC
    whole = stocked.units_of(usdt)
    amount = -(-(whole + 1) * 10**12 * 10_000 // 9_995)

    with reverts("insufficient units"):
        stocked.redeem(usdt, amount, 0, sender=alice)
    with reverts("not credit desk"):
        stocked.credit_redeem(usdt, WAD, mallory, sender=mallory)
    with reverts("kyc required"):
        stocked.claim_owed(tether, mallory, sender=mallory)
    for token in (tether, usdt, tbill):
        with reverts("nothing owed"):
            stocked.claim_owed(token, carol, sender=carol)


# G14: re-entrancy


@pytest.fixture(scope="module")
def armed(protocol, stocked, busy, governor, compliance, usdc, tbill, alice, carol):
    """A coin with call-backs, of which the reserve has 100,000; it has KYC, AID, the treasurer's role and an
    approval of its USDC, so that whatever it tries would work but for the lock.
    """
    token = governor.deploy(project.HostileToken, 6)
    list_coin(protocol, governor, token, [alice, carol])
    stocked.mint(token, STAKE, 0, sender=carol)
    protocol.allowlist.set_kyc(token, chain.pending_timestamp + 99 * DAY, sender=compliance)
    protocol.roles.grantRole(keccak(text="TREASURER"), token, sender=governor)
    usdc.mint(token, STAKE, sender=governor)
    protocol.aid.transfer(token, 1_000 * WAD, sender=alice)
    token.arm(usdc, usdc.approve.encode_input(stocked, FOREVER), True, sender=alice)
    token.transfer(alice, 0, sender=alice)
    return token


def inner_calls(gateway, usdc, tbill, token, people):
    """Every entry point but the governed ones, as the token would call it."""
    alice = people.alice.address
    return {
        "mint": gateway.mint.encode_input(usdc, USDC, 0, alice, FOREVER),
        "mint_with_permit": gateway.mint_with_permit.encode_input(
            usdc, USDC, 0, FOREVER, 27, bytes(32), bytes(32)
        ),
        "redeem": gateway.redeem.encode_input(usdc, WAD, 0, alice, FOREVER),
        "recapitalise": gateway.recapitalise.encode_input(usdc, USDC),
        "harvest": gateway.harvest.encode_input(),
        "convert_escrow": gateway.convert_escrow.encode_input(1),
        "rebalance": gateway.rebalance.encode_input(0, USDC, 0),
        "backing": gateway.backing.encode_input(),
        "surplus": gateway.surplus.encode_input(),
        "price_of": gateway.price_of.encode_input(usdc),
        "quote_mint": gateway.quote_mint.encode_input(usdc, USDC),
        "quote_redeem": gateway.quote_redeem.encode_input(usdc, WAD),
        "quote_basket": gateway.quote_basket.encode_input(WAD),
        "units_of": gateway.units_of.encode_input(usdc),
        "assets": gateway.assets.encode_input(),
        "vaults": gateway.vaults.encode_input(),
        "owed": gateway.owed.encode_input(alice, usdc),
        "reserved": gateway.reserved.encode_input(usdc),
        "escrow": gateway.escrow.encode_input(1),
        "policy": gateway.policy.encode_input(),
        "asset_words": gateway.asset_words.encode_input(usdc),
        "vault_words": gateway.vault_words.encode_input(0),
        "staked_aid": gateway.staked_aid.encode_input(),
        "redeem_basket": gateway.redeem_basket.encode_input(WAD, [], alice, FOREVER),
        "claim_owed": gateway.claim_owed.encode_input(token, alice),
        "credit_redeem": gateway.credit_redeem.encode_input(usdc, WAD, alice),
        "credit_repay": gateway.credit_repay.encode_input(usdc, USDC, WAD, 0, alice, alice),
        "credit_repay_or_wait": gateway.credit_repay_or_wait.encode_input(usdc, USDC, alice, alice),
        "repayment_terms": gateway.repayment_terms.encode_input(usdc),
        "wound_down": gateway.wound_down.encode_input(),
    }


NOT_ENTITLED = {
    *("redeem_basket", "claim_owed", "credit_redeem", "credit_repay", "credit_repay_or_wait", "rebalance"),
}


def test_g14__every_entry_point_from_within_a_mint__is_locked(stocked, armed, people, usdc, tbill):
    supply, calls, units = stocked.backing().supply, armed.call_count(), 10 * USDC
    payloads = inner_calls(stocked, usdc, tbill, armed, people)
    for name, payload in payloads.items():
        armed.arm(stocked, payload, False, sender=people.alice)
        stocked.mint(armed, units, 0, sender=people.alice)

        assert not armed.last_call_ok(), name

    assert armed.call_count() == calls + len(payloads)
    assert stocked.backing().supply == supply + len(payloads) * model.mint_out(units)[0]


def test_g14__the_same_calls_from_outside__work(stocked, armed, people, usdc, tbill):
    """So that it is the lock that stops them."""
    for name, payload in inner_calls(stocked, usdc, tbill, armed, people).items():
        if name not in NOT_ENTITLED:
            armed.arm(stocked, payload, False, sender=people.alice)
            armed.transfer(people.alice, 0, sender=people.alice)

            assert armed.last_call_ok(), name


def test_g14__every_entry_point_of_the_gateway_is_tried(stocked, armed, people, usdc, tbill):
    constant = {"aid", "configurator", "treasury"}

    names = {method.name for method in stocked.contract_type.methods}
    assert names - (GOVERNED - {"rebalance"}) - constant == set(
        inner_calls(stocked, usdc, tbill, armed, people)
    )


@pytest.mark.parametrize("name", TREASURY_FUNCTIONS)
def test_g14__the_treasurers_moves__are_locked_from_within_a_mint_and_work_from_outside(
    stocked, armed, people, treasury, tbill, name
):
    payload = getattr(treasury, name).encode_input(tbill, WAD if name == "deallocate" else USDC)
    armed.arm(treasury, payload, False, sender=people.alice)
    stocked.mint(armed, 10 * USDC, 0, sender=people.alice)
    assert not armed.last_call_ok()

    armed.arm(treasury, payload, False, sender=people.alice)
    armed.transfer(people.alice, 0, sender=people.alice)

    assert armed.last_call_ok()


def test_g14__the_treasury__changes_nothing_for_anybody_but_the_gateway(treasury, usdc, tbill, people):
    for caller in (people.treasurer, people.governor):
        with reverts("not gateway"):
            treasury.change(tbill, usdc, 1, 0, sender=caller)


@pytest.mark.parametrize("outer", ["redeem", "recapitalise", "redeem_basket"])
@pytest.mark.parametrize("inner", ["mint", "redeem", "redeem_basket", "harvest", "backing"])
def test_g14__from_within_other_movements__is_locked_too(
    stocked, armed, people, usdc, usdt_feed, tbill, outer, inner
):
    alice = people.alice
    if outer == "redeem_basket":
        quote(usdt_feed, 700)
    supply = stocked.backing().supply
    armed.arm(stocked, inner_calls(stocked, usdc, tbill, armed, people)[inner], False, sender=alice)
    calls = armed.call_count()

    if outer == "redeem":
        stocked.redeem(armed, 10 * WAD, 0, sender=alice)
    elif outer == "recapitalise":
        stocked.recapitalise(armed, USDC, sender=alice)
    else:
        stocked.redeem_basket(10 * WAD, [], sender=alice)

    assert (armed.call_count(), armed.last_call_ok()) == (calls + 1, False)
    burned = 0 if outer == "recapitalise" else 10 * WAD
    assert stocked.backing().supply == supply - burned


def test_g14__a_deposit_made_while_minting__is_not_counted_twice(stocked, armed, people):
    """The token sends more of itself to the Gateway in the middle of the pull: it counts once, as brought."""
    alice = people.alice
    armed.mint(armed, 500 * USDC, sender=alice)
    armed.arm(armed, armed.transfer.encode_input(stocked, 500 * USDC), True, sender=alice)
    before = stocked.units_of(armed)

    stocked.mint(armed, 1_000 * USDC, 0, sender=alice)

    assert stocked.units_of(armed) - before == armed.balanceOf(stocked) - before == 1_500 * USDC
