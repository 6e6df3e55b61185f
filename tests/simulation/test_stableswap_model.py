"""The pool's model: operations against the definitions; averages, ramp and surcharge in plain numbers."""

from __future__ import annotations

import random
from copy import deepcopy
from math import exp

import pytest

from integrations.simulation import (
    DomainError,
    InputError,
    LimitError,
    ParameterError,
    PoolError,
    PoolParameters,
    PoolState,
    SlippageError,
    StableSwapModel,
)

from . import definitions
from .numbers import spread

WAD = 10**18
DAY = 86_400
NOW = 1_700_000_000
BPS = 10**6  # of a fee


def pool(*millions: int, **parameters) -> StableSwapModel:
    """A pool with so many millions of each coin."""
    made = StableSwapModel(PoolParameters(**parameters), NOW)
    units = [10 ** (6 + decimals) for decimals in made.parameters.decimals]
    made.add_liquidity([amount * unit for amount, unit in zip(millions or (10, 10), units, strict=True)])
    return made


def rated(price: int = 105 * WAD // 100) -> StableSwapModel:
    """A dollar and a share of a vault at a price."""
    return pool(vaults=(False, True), assets=(WAD, price))


@pytest.mark.parametrize("decimals", [(18, 18), (18, 6), (6, 18), (8, 6)])
def test_exchange__of_random_amounts__pays_what_the_definitions_say(decimals) -> None:
    rng = random.Random(3)
    made = pool(10, 7, decimals=decimals, amplification=200)
    for _ in range(60):
        i = rng.randrange(2)
        dx = int(made.state.balances[i] * 10 ** rng.uniform(-8, 0.5))
        before = tuple(made.state.balances)
        expected = definitions.swap(before, made.parameters.multipliers, i, dx, 40_000, 4 * BPS, 2 * 10**10)
        result = made.exchange(i, 1 - i, dx)
        assert (result.dy, result.protocol_fee) == expected
        assert made.state.balances[i] == before[i] + dx
        assert made.state.balances[1 - i] == before[1 - i] - sum(expected)


def test_first_deposit__of_both_coins__locks_a_thousand_units_of_the_coarser() -> None:
    made = StableSwapModel(PoolParameters(decimals=(18, 6)), NOW)
    assert made.add_liquidity([5 * WAD, 5 * 10**6]).minted == 10 * WAD - 1_000 * 10**12
    assert made.state.supply == 10 * WAD
    assert made.get_virtual_price() == WAD


def test_exchange_exact_out__for_what_exchange_pays__takes_the_least_input() -> None:
    rng = random.Random(4)
    made = pool(10, 1, decimals=(18, 6), offpeg_multiplier=5 * 10**10)
    for _ in range(40):
        i = rng.randrange(2)
        dy = spread(rng, 0, 1) * made.state.balances[1 - i] // 20 or 1
        dx = made.get_dx(i, 1 - i, dy)
        assert made.get_dy(i, 1 - i, dx) >= dy
        assert dx == 1 or made.get_dy(i, 1 - i, dx - 1) < dy
        paid = deepcopy(made).exchange_exact_out(i, 1 - i, dy)
        assert (paid.dx, paid.dy) == (dx, dy)


def test_quotes__during_a_ramp__equal_execution() -> None:
    made = pool(10, 6)
    made.ramp_A(300, NOW + 2 * DAY)
    made.advance(DAY - 7)
    assert made.state.amplification(made.time) == 100_000 - 70_000 * (DAY - 7) // (2 * DAY)
    assert made.get_dy(0, 1, 10**23) == deepcopy(made).exchange(0, 1, 10**23).dy
    assert made.get_dx(0, 1, 10**23) == deepcopy(made).exchange_exact_out(0, 1, 10**23).dx
    amounts = [10**24, 10**20]
    assert made.calc_token_amount(amounts, True) == deepcopy(made).add_liquidity(amounts).minted
    assert made.calc_token_amount(amounts, False) == deepcopy(made).remove_liquidity_imbalance(amounts).burned
    assert (
        made.calc_withdraw_one_coin(10**24, 1)
        == deepcopy(made).remove_liquidity_one_coin(10**24, 1).amounts[1]
    )


def test_virtual_price__over_a_thousand_random_operations__never_falls() -> None:
    rng = random.Random(5)
    made = pool(10, 10, decimals=(18, 6), amplification=50)
    for _ in range(1_000):
        before = made.get_virtual_price()
        i, share = rng.randrange(2), 10 ** rng.uniform(-7, -0.3)
        amounts = [int(balance * share * rng.random()) for balance in made.state.balances]
        operation = rng.choice(
            (
                lambda m, i=i, a=amounts: m.exchange(i, 1 - i, a[i]),
                lambda m, a=amounts: m.add_liquidity(a),
                lambda m, a=amounts: m.remove_liquidity_imbalance(a),
                lambda m, s=share: m.remove_liquidity(int(m.state.supply * s)),
                lambda m, i=i, s=share: m.remove_liquidity_one_coin(int(m.state.supply * s), i),
            )
        )
        try:
            operation(made)
        except PoolError:
            continue
        assert made.get_virtual_price() >= before


def test_price_average__after_a_trade__approaches_the_state_price_exponentially() -> None:
    made = pool(10, 10, amplification=20)
    made.exchange(0, 1, 4 * 10**24)
    price = made.last_price()
    assert price > WAD
    for elapsed in (0, 1, 12, 866, 5_000, DAY):
        made.time = NOW + elapsed
        kept = exp(-elapsed / 866)
        assert made.price_oracle() == pytest.approx(WAD * kept + price * (1 - kept), rel=1e-11)
    assert made.price_oracle() == pytest.approx(price, rel=1e-12)


def test_the_averages_of_many_steps__are_that_of_one() -> None:
    many, one = pool(10, 4), pool(10, 4)
    for _ in range(50):
        many.advance(20)
        many.exchange(0, 1, 1)
    one.advance(1_000)
    assert many.price_oracle() == pytest.approx(one.price_oracle(), rel=1e-10)


def test_a_jump_of_the_vaults_price__is_charged_and_decays_by_3_ppm_a_second() -> None:
    made = rated()
    fee = made.dynamic_fee()
    made.advance(1_000)
    made.assets[1] = made.assets[1] * 1_002 // 1_000  # 2,000 ppm, of which 10 are drift
    assert made.surcharge() == pytest.approx(1_990, abs=1)
    assert made.dynamic_fee() == pytest.approx(fee + 10_000 * 1_990, abs=10_001)
    made.exchange(0, 1, WAD)
    charged = made.surcharge()
    made.advance(100)
    assert made.surcharge() == charged - 300
    made.exchange(1, 0, WAD)
    made.advance(100)
    assert made.surcharge() == charged - 600
    made.advance(DAY)
    assert made.surcharge() == 0


def test_a_vaults_price__that_drifts_by_less_than_1e_8_a_second__costs_nothing() -> None:
    made = rated()
    for _ in range(30):
        made.advance(DAY)
        made.assets[1] += made.assets[1] * DAY * 9 // 10**9
        assert made.surcharge() == 0
        made.exchange(0, 1, WAD)


def test_a_balanced_withdrawal__with_a_worthless_vault__pays_its_share() -> None:
    made = rated()
    supply, (b0, b1) = made.state.supply, made.state.balances
    made.assets[1] = 1
    with pytest.raises(PoolError):
        made.exchange(0, 1, WAD)
    assert made.remove_liquidity(supply // 4) == (b0 * (supply // 4) // supply, b1 * (supply // 4) // supply)


REFUSALS = {
    "same coin": (InputError, lambda m: m.exchange(1, 1, 1)),
    "bad index": (InputError, lambda m: m.get_dy(0, 2, 1)),
    "zero amount": (InputError, lambda m: m.add_liquidity([0, 0])),
    "not received": (InputError, lambda m: m.exchange_received(0, 1, 5, arrived=4)),
    "min out": (SlippageError, lambda m: m.exchange(0, 1, WAD, WAD)),
    "max in": (SlippageError, lambda m: m.exchange_exact_out(0, 1, WAD, WAD)),
    "out too large": (LimitError, lambda m: m.exchange_exact_out(0, 1, m.state.balances[1])),
    "imbalance": (LimitError, lambda m: m.remove_liquidity_imbalance([m.state.balances[0] - 10**9, 0])),
    "balance cap": (LimitError, lambda m: m.add_liquidity([2**112 - 1, 0])),
    "zero shares": (LimitError, lambda m: m.add_liquidity([1, 0])),
    "balance": (LimitError, lambda m: m.remove_liquidity(m.state.supply)),
    "A step above 10": (ParameterError, lambda m: m.ramp_A(10_001, NOW + 9 * DAY)),
    "ramp too short": (ParameterError, lambda m: m.ramp_A(1_001, NOW + DAY - 1)),
    "fee above 1 %": (ParameterError, lambda m: m.set_new_fee(10**8 + 1, 0)),
    "out of range": (ParameterError, lambda m: m.set_ma_exp_time(0, 1)),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refused_call__has_the_contracts_reason_and_changes_nothing(reason: str) -> None:
    made = pool(10, 10)
    made.exchange(0, 1, 10**22)  # so that a share is worth more than a unit
    before = made.state.words()
    kind, call = REFUSALS[reason]
    with pytest.raises(kind) as caught:
        call(made)
    assert caught.value.reason == reason
    assert made.state.words() == before


def test_an_empty_pool__has_no_price() -> None:
    with pytest.raises(DomainError):
        StableSwapModel(PoolParameters(), NOW).get_p()


def test_words__hold_the_whole_state() -> None:
    made = rated()
    made.ramp_A(2_000, NOW + 3 * DAY)
    made.advance(DAY)
    made.assets[1] += WAD // 10
    made.exchange(0, 1, 10**24)
    made.remove_liquidity(10**23)
    words = made.state.words()
    assert all(word < 2**256 for word in words)
    assert PoolState.from_words(words) == made.state
    again = StableSwapModel(made.parameters, made.time, PoolState.from_words(words))
    again.assets = list(made.assets)
    assert again.exchange(1, 0, 10**22) == made.exchange(1, 0, 10**22)


def test_admin_fees__beyond_what_their_field_holds__stay_with_the_pool() -> None:
    made = pool(10, 10)
    made.state.admin_balances[1] = 2**88 - 1 - 7
    bought = made.exchange(0, 1, 10**24)
    assert bought.protocol_fee == 7
    assert made.withdraw_admin_fees() == (0, 2**88 - 1)
    assert made.state.admin_balances == [0, 0]
