"""The pool against its model, its refusals, and one test for each known fault of Curve's StableSwap-NG."""

from __future__ import annotations

import random
from types import SimpleNamespace

import ape
import pytest

from tests.pool.model import WAD, Pool, invariant, other_value
from tests.support.permit import sign_permit
from tests.support.pools import FEE, OFFPEG, ZERO_ADDRESS

MILLION = 10**6
SEED = 10 * MILLION
HOUR = 3_600
MAX = 2**256 - 1


def wait(seconds: int) -> None:
    ape.chain.pending_timestamp += seconds
    ape.chain.mine()


def model_of(pool, **changes) -> Pool:
    """The model in the pool's present state."""
    return Pool(
        **{
            "balances": tuple(pool.get_balances()),
            "rates": tuple(pool.stored_rates()),
            "supply": pool.totalSupply(),
            "ann": 2 * pool.A_precise(),
            "fee": pool.fee(),
            "multiplier": pool.offpeg_fee_multiplier(),
            "surcharge": pool.surcharge(),
            "admin": (pool.admin_balances(0), pool.admin_balances(1)),
            **changes,
        }
    )


def matches(pool, state: Pool) -> bool:
    return (
        tuple(pool.get_balances()) == state.balances
        and (pool.admin_balances(0), pool.admin_balances(1)) == state.admin
        and pool.totalSupply() == state.supply
    )


@pytest.fixture(scope="module", params=["18/6", "vault/18", "8/vault"])
def seeded(request, make_pool, make_token, make_vault, alice, bob):
    """Ten million of each coin, deposited by alice; bob trades."""
    coins, vaults = {
        "18/6": lambda: ((make_token(18), make_token(6)), (False, False)),
        "vault/18": lambda: ((make_vault(), make_token(18)), (True, False)),
        "8/vault": lambda: ((make_token(8), make_vault(3_141_592, 8, 6)), (False, True)),
    }[request.param]()
    pool = make_pool(coins, vaults=vaults, seed=SEED, owner=alice, traders=[bob])
    units = [10**36 // rate for rate in pool.stored_rates()]
    return SimpleNamespace(pool=pool, coins=coins, units=units)


@pytest.fixture(scope="module")
def plain(make_pool, make_token, alice, bob):
    """The same with plain coins of 18 decimals."""
    coins = (make_token(), make_token())
    pool = make_pool(coins, seed=SEED, owner=alice, traders=[bob])
    return SimpleNamespace(pool=pool, coins=coins, units=[WAD, WAD])


# -- the model ----------------------------------------------------------------


def test_first_deposit__of_both_coins__mints_d_and_locks_the_minimum(seeded, alice):
    pool = seeded.pool
    state = model_of(pool)
    assert pool.totalSupply() == state.d
    assert pool.balanceOf(ZERO_ADDRESS) == pool.MINIMUM_SUPPLY()
    assert pool.balanceOf(alice) == state.d - pool.MINIMUM_SUPPLY()
    assert pool.get_virtual_price() == WAD
    assert pool.MINIMUM_SUPPLY() == 10 ** (21 - min(coin.decimals() for coin in seeded.coins))


def test_operations__in_random_order__do_what_the_model_does(seeded, alice, bob):
    pool, units = seeded.pool, seeded.units
    rng = random.Random(42)
    pool.transfer(bob, pool.balanceOf(alice) // 4, sender=alice)
    worth = pool.get_virtual_price()
    for _ in range(30):
        state = model_of(pool)
        i = rng.randrange(2)
        amounts = [int(rng.choice([0, 1, 10 ** rng.uniform(0, 6)]) * unit) for unit in units]
        action = rng.choice(["swap", "swap", "exact", "add", "remove", "one", "uneven"])
        if action == "swap" and amounts[i]:
            paid, after = state.swap(i, amounts[i])
            assert pool.get_dy(i, 1 - i, amounts[i]) == paid
            assert pool.exchange(i, 1 - i, amounts[i], paid, sender=bob).return_value == paid
        elif action == "exact" and amounts[1 - i]:
            dx = pool.get_dx(i, 1 - i, amounts[1 - i])
            assert state.swap(i, dx)[0] >= amounts[1 - i]
            assert dx <= 1 or state.swap(i, dx - 1)[0] < amounts[1 - i]
            _, after = state.swap(i, dx, out=amounts[1 - i])
            pool.exchange_exact_out(i, 1 - i, amounts[1 - i], dx, sender=bob)
        elif action == "add" and any(amounts):
            minted, after = state.add((amounts[0], amounts[1]))
            if not minted:
                continue
            assert pool.calc_token_amount(amounts, True) == minted
            pool.add_liquidity(amounts, minted, sender=bob)
        elif action == "remove":
            burn = rng.randrange(1, pool.balanceOf(bob))
            paid, after = state.remove(burn)
            pool.remove_liquidity(burn, paid, bob, False, sender=bob)
        elif action == "one":
            burn = rng.randrange(1, pool.balanceOf(bob) // 4)
            paid, after = state.remove_one(i, burn)
            assert pool.calc_withdraw_one_coin(burn, i) == paid
            pool.remove_liquidity_one_coin(burn, i, paid, sender=bob)
        elif action == "uneven" and any(amounts):
            burned, after = state.remove_imbalance((amounts[0], amounts[1]))
            if burned > pool.balanceOf(bob):
                continue
            assert pool.calc_token_amount(amounts, False) == burned
            pool.remove_liquidity_imbalance(amounts, burned, sender=bob)
        else:
            continue
        assert matches(pool, after), action
        for k in (0, 1):
            owed = pool.balances(k) + pool.admin_balances(k)
            assert seeded.coins[k].balanceOf(pool) == owed
        assert pool.get_virtual_price() >= worth - 1
        worth = pool.get_virtual_price()


def test_exchange__logs_and_pays_what_it_returns(plain, bob, carol):
    pool, (_, bought) = plain.pool, plain.coins
    receipt = pool.exchange(0, 1, 1_000 * WAD, 0, carol, sender=bob)
    dy = receipt.return_value
    assert dy == bought.balanceOf(carol) > 0
    assert pool.TokenExchange(
        buyer=bob, sold_id=0, tokens_sold=1_000 * WAD, bought_id=1, tokens_bought=dy
    ) in list(receipt.events)


def test_liquidity__logs_events_that_decode(plain, bob):
    pool = plain.pool
    state = model_of(pool)
    amounts = [1_000 * WAD, 10 * WAD]
    minted, after = state.add((amounts[0], amounts[1]))
    events = pool.add_liquidity(amounts, 0, sender=bob).events.filter(pool.AddLiquidity)
    new = [b + a for b, a in zip(state.balances, amounts, strict=True)]
    assert len(events) == 1
    assert events[0].event_arguments["provider"] == bob
    assert list(events[0].token_amounts) == amounts
    assert events[0].fees[0] == 0
    assert events[0].fees[1] // 2 == after.admin[1] - state.admin[1]
    assert events[0].invariant == invariant(new[0], new[1], state.ann)
    assert events[0].token_supply == after.supply

    (event,) = pool.remove_liquidity_imbalance([WAD, 0], MAX, sender=bob).events.filter(
        pool.RemoveLiquidityImbalance
    )
    assert (list(event.token_amounts), event.token_supply) == ([WAD, 0], pool.totalSupply())
    assert event.fees[0] > 0
    assert event.fees[1] == 0
    (event,) = pool.remove_liquidity(minted // 4, [0, 0], sender=bob).events.filter(pool.RemoveLiquidity)
    assert (list(event.fees), event.token_supply) == ([], pool.totalSupply())
    (event,) = pool.remove_liquidity_one_coin(WAD, 1, 0, sender=bob).events.filter(pool.RemoveLiquidityOne)
    assert (event.token_id, event.token_amount, event.token_supply) == (1, WAD, pool.totalSupply())


def test_exchange_received__sells_all_that_has_arrived(plain, bob, carol):
    pool, (sold, bought) = plain.pool, plain.coins
    dy, after = model_of(pool).swap(0, 1_001 * WAD)
    sold.transfer(pool, 1_001 * WAD, sender=bob)
    pool.exchange_received(0, 1, 1_000 * WAD, dy, carol, sender=bob)
    assert bought.balanceOf(carol) == dy
    assert matches(pool, after)


def test_withdraw_admin_fees__by_anyone__pays_the_receiver(plain, bob, carol, fee_receiver):
    pool, (_, coin) = plain.pool, plain.coins
    pool.exchange(0, 1, MILLION * WAD, 0, sender=bob)
    fees = pool.admin_balances(1)
    assert fees > 0
    pool.withdraw_admin_fees(sender=carol)
    assert coin.balanceOf(fee_receiver) == fees
    assert (pool.admin_balances(0), pool.admin_balances(1)) == (0, 0)


def test_remove_liquidity__of_everybody__leaves_the_locked_minimum(plain, alice):
    pool = plain.pool
    pool.remove_liquidity(pool.balanceOf(alice), [0, 0], sender=alice)
    assert pool.totalSupply() == pool.MINIMUM_SUPPLY()
    assert min(pool.get_balances()) > 0
    # and the pool goes on
    pool.add_liquidity([SEED * WAD, SEED * WAD], 0, sender=alice)
    assert pool.get_virtual_price() == pytest.approx(WAD, rel=1e-3)


def test_remove_liquidity__with_a_broken_vault__still_pays(make_pool, make_vault, make_token, alice):
    vault, coin = make_vault(), make_token()
    pool = make_pool((vault, coin), vaults=(True, False), seed=SEED, owner=alice)
    vault.set_price(MAX, sender=alice)
    with ape.reverts():
        pool.get_virtual_price()
    burn = pool.balanceOf(alice)
    expected = [b * burn // pool.totalSupply() for b in pool.get_balances()]
    pool.remove_liquidity(burn, expected, sender=alice)
    assert pool.balanceOf(alice) == 0


def test_remove_liquidity__when_fees_cannot_be_paid__still_pays_the_lp(
    make_pool, make_token, project, governor, alice, bob, fee_receiver
):
    hostile, coin = governor.deploy(project.HostileToken, 18), make_token()
    pool = make_pool((hostile, coin), seed=SEED, owner=alice, traders=[bob])
    pool.exchange(0, 1, MILLION * WAD, 0, sender=bob)
    pool.exchange(1, 0, MILLION * WAD, 0, sender=bob)
    fees = [pool.admin_balances(k) for k in (0, 1)]
    hostile.set_blacklisted(fee_receiver, True, sender=alice)

    (paid, _) = pool.remove_liquidity(WAD, [0, 0], bob, sender=alice).return_value
    assert paid > 0
    assert pool.admin_balances(0) == fees[0] > 0
    assert pool.admin_balances(1) == 0
    assert coin.balanceOf(fee_receiver) == fees[1] > 0


def test_tokens__that_return_nothing__work_unless_they_take_a_fee(
    make_pool, make_token, project, governor, alice, bob
):
    tether, coin = governor.deploy(project.TetherLike), make_token()
    pool = make_pool((tether, coin), seed=SEED, owner=alice, traders=[bob])
    dy = pool.exchange(0, 1, 10**6, 0, sender=bob).return_value
    assert pool.exchange(1, 0, dy, 0, sender=bob).return_value > 0
    tether.set_fee(10, sender=governor)
    with ape.reverts("short transfer"):
        pool.exchange(0, 1, 10**6, 0, sender=bob)
    with ape.reverts("short transfer"):
        pool.add_liquidity([10**6, 0], 0, sender=bob)


def test_tokens__that_return_false__are_refused(make_pool, make_token, project, governor, alice, bob):
    hostile, coin = governor.deploy(project.HostileToken, 18), make_token()
    pool = make_pool((hostile, coin), seed=SEED, owner=alice, traders=[bob])
    hostile.set_returns_false(True, sender=governor)
    for call in (
        lambda: pool.exchange(0, 1, WAD, 0, sender=bob),
        lambda: pool.exchange(1, 0, WAD, 0, sender=bob),
        lambda: pool.add_liquidity([WAD, 0], 0, sender=bob),
    ):
        with ape.reverts("transfer failed"):
            call()


# -- refusals -----------------------------------------------------------------


def test_swaps__with_bad_input__say_what_is_wrong(plain, bob):
    pool = plain.pool
    late = ape.chain.pending_timestamp - 10
    for reason, call in [
        ("bad index", lambda: pool.exchange(0, 2, WAD, 0, sender=bob)),
        ("bad index", lambda: pool.exchange(-1, 1, WAD, 0, sender=bob)),
        ("bad index", lambda: pool.exchange(2, -1, WAD, 0, sender=bob)),
        ("bad index", lambda: pool.get_dy(5, 5, WAD)),
        ("same coin", lambda: pool.exchange(1, 1, WAD, 0, sender=bob)),
        ("zero amount", lambda: pool.exchange(0, 1, 0, 0, sender=bob)),
        ("zero amount", lambda: pool.get_dy(0, 1, 0)),
        ("zero amount", lambda: pool.get_dx(0, 1, 0)),
        ("min out", lambda: pool.exchange(0, 1, WAD, WAD, sender=bob)),
        ("max in", lambda: pool.exchange_exact_out(0, 1, WAD, WAD, sender=bob)),
        ("deadline passed", lambda: pool.exchange(0, 1, WAD, 0, bob, late, sender=bob)),
        ("not received", lambda: pool.exchange_received(0, 1, 1, 0, sender=bob)),
        ("out too large", lambda: pool.get_dx(0, 1, SEED * WAD)),
        ("out too large", lambda: pool.get_dx(0, 1, MAX)),
        ("balance cap", lambda: pool.get_dy(0, 1, 10**32)),
        ("balance cap", lambda: pool.get_dy(0, 1, MAX)),
        ("imbalance", lambda: pool.get_dy(0, 1, 10**31)),
    ]:
        with ape.reverts(reason):
            call()


def test_liquidity__with_bad_input__says_what_is_wrong(plain, alice, bob):
    pool = plain.pool
    late = ape.chain.pending_timestamp - 10
    for reason, call in [
        ("bad length", lambda: pool.add_liquidity([WAD], 0, sender=bob)),
        ("zero amount", lambda: pool.add_liquidity([0, 0], 0, sender=bob)),
        ("zero address", lambda: pool.add_liquidity([WAD, WAD], 0, ZERO_ADDRESS, sender=bob)),
        ("min out", lambda: pool.add_liquidity([WAD, WAD], 3 * WAD, sender=bob)),
        ("deadline passed", lambda: pool.add_liquidity([WAD, WAD], 0, bob, late, sender=bob)),
        ("balance cap", lambda: pool.add_liquidity([10**32, 0], 0, sender=bob)),
        ("balance cap", lambda: pool.add_liquidity([MAX, 0], 0, sender=bob)),
        ("imbalance", lambda: pool.add_liquidity([10**31, 0], 0, sender=bob)),
        ("zero amount", lambda: pool.remove_liquidity(0, [0, 0], sender=alice)),
        ("bad length", lambda: pool.remove_liquidity(1, [0], sender=alice)),
        ("balance", lambda: pool.remove_liquidity(1, [0, 0], sender=bob)),
        ("min out", lambda: pool.remove_liquidity(WAD, [WAD, 0], sender=alice)),
        ("deadline passed", lambda: pool.remove_liquidity(WAD, [0, 0], alice, True, late, sender=alice)),
        ("zero amount", lambda: pool.remove_liquidity_one_coin(0, 0, 0, sender=alice)),
        ("bad index", lambda: pool.remove_liquidity_one_coin(WAD, 2, 0, sender=alice)),
        ("min out", lambda: pool.remove_liquidity_one_coin(WAD, 0, WAD, sender=alice)),
        ("balance", lambda: pool.calc_withdraw_one_coin(pool.totalSupply(), 0)),
        ("zero amount", lambda: pool.remove_liquidity_imbalance([0, 0], MAX, sender=alice)),
        ("max in", lambda: pool.remove_liquidity_imbalance([WAD, WAD], WAD, sender=alice)),
        ("out too large", lambda: pool.remove_liquidity_imbalance([SEED * WAD, 0], MAX, sender=alice)),
        ("balance", lambda: pool.remove_liquidity_imbalance([WAD, WAD], MAX, sender=bob)),
    ]:
        with ape.reverts(reason):
            call()


def test_first_deposit__of_one_coin_or_of_dust__is_refused(make_pool, alice):
    pool = make_pool(owner=alice)
    with ape.reverts("first needs both"):
        pool.add_liquidity([WAD, 0], 0, sender=alice)
    with ape.reverts("zero shares"):
        pool.add_liquidity([500, 500], 0, sender=alice)
    with ape.reverts("imbalance"):
        pool.add_liquidity([10**27, 10**17], 0, sender=alice)
    with ape.reverts("out of domain"):
        pool.get_dy(0, 1, WAD)
    pool.add_liquidity([501, 500], 1, sender=alice)
    assert pool.balanceOf(alice) == 1


def test_pull__without_approval__has_the_tokens_reason(plain, carol):
    plain.coins[0].mint(carol, WAD, sender=carol)
    with ape.reverts("allowance"):
        plain.pool.exchange(0, 1, WAD, 0, sender=carol)


# -- faults of StableSwap-NG, by their numbers in the catalogue -----------------


def test_fault_1_quotes_during_a_ramp__equal_execution(plain, protocol, governor, bob):
    pool = plain.pool
    pool.exchange(0, 1, 4 * MILLION * WAD, 0, sender=bob)
    pool.ramp_A(137, ape.chain.pending_timestamp + 100_000, sender=governor)
    for _ in range(3):
        wait(17_011)
        assert pool.A_precise() % 100 != 0
        snapshot = ape.chain.snapshot()
        ahead = ape.chain.pending_timestamp + 12
        ape.chain.mine(timestamp=ahead)
        quote = pool.get_dy(0, 1, 100_000 * WAD)
        burn = pool.calc_token_amount([WAD, 0], True)
        ape.chain.restore(snapshot)
        ape.chain.pending_timestamp = ahead
        assert pool.exchange(0, 1, 100_000 * WAD, 0, sender=bob).return_value == quote
        assert burn > 0


@pytest.mark.parametrize("kept", [28, 10**4])
def test_fault_2_a_drained_pool__goes_on(make_pool, alice, bob, kept):
    pool = make_pool(seed=SEED, owner=alice, traders=[bob])
    # leave `kept` whole units of coin 1
    dx = other_value(kept * WAD, pool.totalSupply(), 2 * pool.A_precise()) - SEED * WAD
    pool.exchange(0, 1, dx, 0, sender=bob)
    assert pool.balances(1) < 3 * kept * WAD + 10**4 * WAD
    worth = pool.get_virtual_price()
    pool.exchange(1, 0, 1_000 * WAD, 0, sender=bob)
    pool.add_liquidity([0, 1_000 * WAD], 0, sender=bob)
    pool.remove_liquidity_one_coin(100 * WAD, 0, 0, sender=bob)
    pool.remove_liquidity_imbalance([WAD, WAD], MAX, sender=alice)
    assert pool.get_dx(1, 0, WAD) > 0
    assert pool.get_virtual_price() >= worth


@pytest.mark.parametrize("skew", [0, 5 * MILLION, 8 * MILLION])
def test_fault_3_adding_one_coin_and_taking_the_other__is_no_cheaper_than_the_best_split_of_the_swap(
    plain, bob, skew
):
    pool = plain.pool
    if skew:
        pool.exchange(0, 1, skew * WAD, 0, sender=bob)
    amount = 200_000 * WAD
    state, splits = model_of(pool), 0
    for _ in range(20):
        paid, state = state.swap(0, amount // 20)
        splits += paid
    minted = pool.add_liquidity([amount, 0], 0, sender=bob).return_value
    routed = pool.remove_liquidity_one_coin(minted, 1, 0, sender=bob).return_value
    assert routed <= splits


@pytest.mark.parametrize("skew", [0, 5 * MILLION, 9 * MILLION])
def test_fault_4_get_dx__is_the_least_input_that_get_dy_confirms(plain, bob, skew):
    pool = plain.pool
    if skew:
        pool.exchange(0, 1, skew * WAD, 0, sender=bob)
    for i, out in [(0, 1), (0, 77_777 * WAD + 3), (1, 77_777 * WAD + 3), (1, MILLION * WAD)]:
        dx = pool.get_dx(i, 1 - i, out)
        assert pool.get_dy(i, 1 - i, dx) >= out
        if dx > 1:
            assert pool.get_dy(i, 1 - i, dx - 1) < out


def test_fault_5_calc_token_amount_for_a_withdrawal__is_what_is_burned(plain, alice):
    for amounts in ([WAD, 0], [0, 3_333 * WAD + 1], [7, 7], [MILLION * WAD, 1]):
        quote = plain.pool.calc_token_amount(amounts, False)
        assert plain.pool.remove_liquidity_imbalance(amounts, quote, sender=alice).return_value == quote


@pytest.mark.parametrize("jump_ppm", [2_000, 20_000])
def test_fault_6_trading_around_a_jump_of_the_rate__loses(
    make_pool, make_vault, make_token, alice, bob, jump_ppm
):
    price = 105 * 10**16
    vault, coin = make_vault(price), make_token()
    pool = make_pool((vault, coin), vaults=(True, False), seed=SEED, owner=alice, traders=[bob])
    shares = pool.exchange(1, 0, MILLION * WAD, 0, sender=bob).return_value
    vault.set_price(price + price * jump_ppm // 10**6, sender=alice)
    assert pool.surcharge() == pytest.approx(jump_ppm, abs=2)
    assert pool.get_dy(0, 1, shares) == model_of(pool).swap(0, shares)[0]
    back = pool.exchange(0, 1, shares, 0, sender=bob).return_value
    assert back < MILLION * WAD
    # it wears off in a straight line: 3 ppm a second
    start = pool.surcharge()
    wait(600)
    assert pool.surcharge() == pytest.approx(max(0, start - 1_800), abs=6)


def test_fault_6_a_vault_that_only_earns__is_not_surcharged(make_pool, make_vault, make_token, alice, bob):
    price = 105 * 10**16
    vault, coin = make_vault(price), make_token()
    pool = make_pool((vault, coin), vaults=(True, False), seed=SEED, owner=alice, traders=[bob])
    for _ in range(3):
        wait(HOUR)
        price += price * 30 // 100 * HOUR // (365 * 86_400)
        vault.set_price(price, sender=alice)
        pool.exchange(1, 0, WAD, 0, sender=bob)
        assert pool.surcharge() == 0


def test_fault_7_a_sole_lp__cannot_reset_the_d_oracle_nor_empty_the_pool(make_pool, alice):
    pool = make_pool(seed=SEED, owner=alice)
    wait(86_400)
    before = pool.D_oracle()
    pool.remove_liquidity(pool.balanceOf(alice), [0, 0], sender=alice)
    pool.add_liquidity([WAD, WAD], 0, sender=alice)
    assert pool.totalSupply() > pool.MINIMUM_SUPPLY()
    # within the few seconds that have passed D can have moved the average by their weight only
    assert pool.D_oracle() == pytest.approx(before, rel=2e-4)
    with ape.reverts("zero shares"):
        make_pool(owner=alice).add_liquidity([500, 500], 0, sender=alice)


def test_fault_8_views__in_the_middle_of_an_operation__are_locked(
    make_pool, make_token, project, governor, alice, bob
):
    hostile, coin = governor.deploy(project.HostileToken, 18), make_token()
    pool = make_pool((hostile, coin), seed=SEED, owner=alice, traders=[bob])
    for payload in [
        pool.get_virtual_price.encode_input(),
        pool.price_oracle.encode_input(0),
        pool.get_balances.encode_input(),
        pool.totalSupply.encode_input(),
        pool.exchange.encode_input(1, 0, WAD, 0),
    ]:
        hostile.arm(pool, payload, False, sender=bob)
        calls = hostile.call_count()
        pool.exchange(0, 1, WAD, 0, sender=bob)
        assert hostile.call_count() == calls + 1
        assert not hostile.last_call_ok()


def test_fault_8_a_donation_to_an_empty_pool__does_not_block_it(make_pool, make_token, alice, bob):
    coins = (make_token(), make_token())
    pool = make_pool(coins, owner=alice, traders=[bob])
    coins[0].transfer(pool, WAD, sender=bob)
    pool.add_liquidity([SEED * WAD, SEED * WAD], 0, sender=alice)
    assert pool.get_virtual_price() == WAD


# -- oracles, parameters, permits ----------------------------------------------


def test_price_oracle__after_a_trade__moves_to_the_state_price_with_time(plain, bob):
    pool = plain.pool
    wait(HOUR)
    pool.exchange(0, 1, 5 * MILLION * WAD, 0, sender=bob)
    start, target = pool.ema_price(0), pool.last_price(0)
    assert start == pytest.approx(WAD, rel=1e-9)
    assert target > WAD
    assert pool.price_oracle(0) == start
    wait(600)
    half = pool.price_oracle(0)
    assert half == pytest.approx(start + (target - start) * (1 - 2 ** (-600 / (866 * 0.693147))), rel=1e-4)
    pool.exchange(0, 1, WAD, 0, sender=bob)
    assert pool.ema_price(0) == pytest.approx(half, rel=1e-4)


def test_ramp__is_bounded_and_for_the_governor(plain, governor, mallory):
    pool = plain.pool
    now = ape.chain.pending_timestamp
    for reason, call in [
        ("not governor", lambda: pool.ramp_A(2_000, now + 90_000, sender=mallory)),
        ("not governor", lambda: pool.stop_ramp_A(sender=mallory)),
        ("not governor", lambda: pool.set_new_fee(FEE, OFFPEG, sender=mallory)),
        ("not governor", lambda: pool.set_ma_exp_time(1, 1, sender=mallory)),
        ("ramp too short", lambda: pool.ramp_A(2_000, now + 80_000, sender=governor)),
        ("A step above 10", lambda: pool.ramp_A(10_001, now + 90_000, sender=governor)),
        ("A step above 10", lambda: pool.ramp_A(99, now + 90_000, sender=governor)),
        ("A not 1 to 1e6", lambda: pool.ramp_A(0, now + 90_000, sender=governor)),
        ("A not 1 to 1e6", lambda: pool.ramp_A(10**6 + 1, now + 90_000, sender=governor)),
        ("fee above 1 %", lambda: pool.set_new_fee(10**8 + 1, OFFPEG, sender=governor)),
        ("offpeg too high", lambda: pool.set_new_fee(10**8, 2**40 - 1, sender=governor)),
        ("out of range", lambda: pool.set_ma_exp_time(0, 1, sender=governor)),
        ("out of range", lambda: pool.set_ma_exp_time(1, 2**20, sender=governor)),
    ]:
        with ape.reverts(reason):
            call()


def test_parameters__as_set__are_what_views_say(plain, governor):
    pool = plain.pool
    pool.set_new_fee(10**7, 5 * 10**10, sender=governor)
    pool.set_ma_exp_time(600, 7_200, sender=governor)
    start = ape.chain.pending_timestamp
    pool.ramp_A(5_000, start + 100_000, sender=governor)
    began = pool.initial_A_time()
    assert (pool.fee(), pool.offpeg_fee_multiplier()) == (10**7, 5 * 10**10)
    assert (pool.ma_exp_time(), pool.D_ma_time()) == (600, 7_200)
    assert (pool.initial_A(), pool.future_A(), pool.future_A_time()) == (100_000, 500_000, start + 100_000)
    ape.chain.mine(timestamp=began + 50_000)
    passed, span = 50_000, start + 100_000 - began
    assert pool.A_precise() == 100_000 + 400_000 * passed // span
    assert pool.A() == pool.A_precise() // 100
    with ape.reverts("ramp too soon"):
        pool.ramp_A(5_000, start + 300_000, sender=governor)
    pool.stop_ramp_A(sender=governor)
    assert pool.initial_A() == pool.future_A() == pool.A_precise()


def test_permit__signed_by_the_owner__approves_once(plain, alice, bob, carol):
    pool = plain.pool
    deadline = ape.chain.pending_timestamp + HOUR
    salt = bytes(pool.salt())
    signature = sign_permit(pool, alice, bob, 5 * WAD, deadline, salt=salt)
    pool.permit(alice, bob, 5 * WAD, deadline, *signature, sender=carol)
    assert pool.allowance(alice, bob) == 5 * WAD
    pool.transferFrom(alice, carol, 2 * WAD, sender=bob)
    assert (pool.balanceOf(carol), pool.allowance(alice, bob)) == (2 * WAD, 3 * WAD)
    with ape.reverts("bad signature"):
        pool.permit(alice, bob, 5 * WAD, deadline, *signature, sender=carol)
    with ape.reverts("deadline passed"):
        pool.permit(
            alice, bob, 5 * WAD, 1, *sign_permit(pool, alice, bob, 5 * WAD, 1, salt=salt), sender=carol
        )


def test_permit__of_a_contract__asks_its_signer(plain, project, governor, alice, bob, carol):
    pool = plain.pool
    wallet = governor.deploy(project.ContractSigner, alice)
    deadline = ape.chain.pending_timestamp + HOUR
    message = sign_permit(pool, alice, bob, WAD, deadline, owner=wallet, salt=bytes(pool.salt()))
    pool.permit(wallet, bob, WAD, deadline, *message, sender=carol)
    assert pool.allowance(wallet, bob) == WAD
    with ape.reverts("bad signature"):
        pool.permit(wallet, bob, WAD, deadline, *message, sender=carol)


def test_lp_token__with_bad_input__says_what_is_wrong(plain, alice, bob):
    pool = plain.pool
    with ape.reverts("balance"):
        pool.transfer(alice, 1, sender=bob)
    with ape.reverts("zero address"):
        pool.transfer(ZERO_ADDRESS, 1, sender=alice)
    with ape.reverts("allowance"):
        pool.transferFrom(alice, bob, 1, sender=bob)
