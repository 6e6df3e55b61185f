"""Attack G2 of the catalogue: coins of 6, 8 and 18 decimals both ways, splitting, rounding."""

from types import SimpleNamespace

import pytest
from ape import project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.aid import gateway_model as model
from tests.aid.gateway_setup import AFTER_THE_INSTALLATION, excess, list_coin, quote

pytestmark = AFTER_THE_INSTALLATION

on_one_state = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def coins(protocol, gateway, governor, alice):
    """Coins of 6, 8 and 18 decimals at once, of which the reserve has 1,000 each."""
    found = {}
    for decimals in (6, 8, 18):
        token = governor.deploy(project.Stablecoin, f"{decimals} decimals", "COIN", decimals)
        feed = list_coin(protocol, governor, token, [alice], mint_fee_bps=7)
        gateway.mint(token, 1_000 * 10**decimals, 0, sender=alice)
        found[decimals] = SimpleNamespace(token=token, feed=feed)
    return found


@pytest.mark.parametrize("decimals", [6, 8, 18])
@on_one_state
@given(data=st.data())
def test_g2__any_decimals__quotes_round_against_the_caller(gateway, coins, decimals, data):
    coin = coins[decimals]
    units = data.draw(st.integers(10, 10 ** (decimals + 3)), "units")
    amount = data.draw(st.integers(10**13, 10**21), "AID")

    assert gateway.quote_mint(coin.token, units) == model.mint_out(units, decimals, fee_bps=7)[0]
    assert gateway.quote_redeem(coin.token, amount) == model.redeem_out(amount, decimals, fee_bps=5)[0]


@pytest.mark.parametrize("decimals", [6, 8, 18])
@on_one_state
@given(data=st.data())
def test_g2__splitting__never_gains(gateway, coins, decimals, data):
    """In two parts as in one, at best: both ways, with any decimals."""
    token = coins[decimals].token
    units = data.draw(st.lists(st.integers(3, 10 ** (decimals + 1)), min_size=2, max_size=2), "units")
    amounts = data.draw(st.lists(st.integers(10**13, 10**20), min_size=2, max_size=2), "AID")

    assert sum(gateway.quote_mint(token, part) for part in units) <= gateway.quote_mint(token, sum(units))
    assert sum(gateway.quote_redeem(token, part) for part in amounts) <= gateway.quote_redeem(
        token, sum(amounts)
    )


@pytest.mark.parametrize(("inward", "outward"), [(6, 18), (18, 6), (8, 6), (18, 8)])
@on_one_state
@given(data=st.data())
def test_g2__in_by_one_and_out_by_another__never_gains(gateway, coins, inward, outward, data):
    price = data.draw(st.integers(990, 1_010), "price")
    quote(coins[inward].feed, price)
    units = data.draw(st.integers(10 ** (inward - 3), 10 ** (inward + 2)), "units")

    minted = gateway.quote_mint(coins[inward].token, units)
    paid = gateway.quote_redeem(coins[outward].token, minted)

    assert model.dollars(paid, outward) < model.dollars(units, inward) * min(price, 1_000) / 1_000


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_g2__dust_in_a_loop__only_feeds_the_reserve(gateway, aid, coins, decimals, alice):
    token = coins[decimals].token
    held, before = aid.balanceOf(alice), excess(gateway)
    units = 10 ** (decimals - 3) + 1  # a tenth of a cent and a unit
    minted = model.mint_out(units, decimals, fee_bps=7)[0]
    for _ in range(3):
        gateway.mint(token, units, 0, sender=alice)
        gateway.redeem(token, minted, 0, sender=alice)

    paid = model.redeem_out(minted, decimals, fee_bps=5)[0]
    kept = 3 * (units - paid) * 10 ** (18 - decimals)
    assert aid.balanceOf(alice) == held
    assert kept > 0
    assert excess(gateway) == (before[0] + kept, before[1] + kept)
