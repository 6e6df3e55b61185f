"""Who may deploy which pools, and where they are listed."""

from __future__ import annotations

import ape
import pytest

from tests.support.pools import FEE, MA_TIME, OFFPEG, WAD, ZERO_ADDRESS

NO_VAULTS = [False, False]


@pytest.fixture
def deploy(pool_factory, mallory):
    """Anyone deploys: `deploy(coins, vaults, A, …)`."""

    def call(coins, vaults=NO_VAULTS, A=1_000, fee=FEE, offpeg=OFFPEG, ma_time=MA_TIME):
        receipt = pool_factory.deploy_pool(
            "Pool", "LP", coins, vaults, A, fee, offpeg, ma_time, sender=mallory
        )
        return receipt.return_value

    return call


def test_deploy__by_anyone__makes_a_pool_with_its_parameters(project, deploy, make_token, make_vault):
    vault, coin = make_vault(), make_token(6)
    pool = project.StableSwap.at(deploy([vault, coin], [True, False], 137, 10**6, 5 * 10**10, 600))
    assert [pool.coins(0), pool.coins(1)] == [vault, coin]
    assert list(pool.stored_rates()) == [105 * 10**16, 10**30]
    assert (pool.A(), pool.fee(), pool.offpeg_fee_multiplier()) == (137, 10**6, 5 * 10**10)
    assert (pool.ma_exp_time(), pool.D_ma_time()) == (600, 62_324)
    assert (pool.name(), pool.symbol(), pool.decimals(), pool.N_COINS()) == ("Pool", "LP", 18, 2)
    assert pool.totalSupply() == 0
    assert pool.ema_price(0) == WAD
    with ape.reverts("bad index"):
        pool.coins(2)


def test_deploy_default__takes_the_defaults(project, pool_factory, make_token, governor, mallory):
    pool_factory.set_defaults(50, 2 * 10**6, 10**10, 100, sender=governor)
    coins = [make_token(), make_token()]
    pool = project.StableSwap.at(
        pool_factory.deploy_default_pool("P", "L", coins, NO_VAULTS, sender=mallory).return_value
    )
    assert (pool.A(), pool.fee(), pool.offpeg_fee_multiplier()) == (50, 2 * 10**6, 10**10)
    assert pool.ma_exp_time() == 100


def test_pools__are_listed_and_found_by_coins_in_any_order(pool_factory, deploy, make_token, mallory):
    a, b, c = make_token(), make_token(), make_token()
    count = pool_factory.pool_count()
    first, second, other = deploy([a, b]), deploy([b, a]), deploy([a, c])
    assert [pool_factory.pool_list(count + k) for k in range(3)] == [first, second, other]
    assert pool_factory.pool_count() == count + 3
    assert pool_factory.pool_count_for_coins(b, a) == 2
    assert pool_factory.find_pool_for_coins(a, b) == first
    assert pool_factory.find_pool_for_coins(b, a, 1) == second
    assert pool_factory.find_pool_for_coins(a, b, 2) == ZERO_ADDRESS
    assert pool_factory.find_pool_for_coins(b, c) == ZERO_ADDRESS
    assert pool_factory.is_pool(first)
    assert not pool_factory.is_pool(mallory)


def test_deploy__of_coins_that_cannot_work__is_refused(deploy, make_token, make_vault, mallory):
    good = make_token()
    worthless, fine_asset = make_vault(0), make_vault(WAD)
    for reason, coins, vaults in [
        ("same coin", [good, good], NO_VAULTS),
        ("no code", [good, mallory.address], NO_VAULTS),
        ("no code", [ZERO_ADDRESS, good], NO_VAULTS),
        ("above 18 decimals", [make_token(19), good], NO_VAULTS),
        ("above 18 decimals", [make_vault(10**19, 18, 19), good], [True, False]),
        ("zero rate", [worthless, good], [True, False]),
    ]:
        with ape.reverts(reason):
            deploy(coins, vaults)
    # a token that is no vault cannot be one
    with ape.reverts():
        deploy([good, fine_asset], [True, False])
    assert deploy([good, fine_asset], [False, True]) != ZERO_ADDRESS


@pytest.mark.parametrize(
    ("reason", "parameters"),
    [
        ("A not 1 to 1e6", {"A": 0}),
        ("A not 1 to 1e6", {"A": 10**6 + 1}),
        ("fee above 1 %", {"fee": 10**8 + 1}),
        ("offpeg above 2^40", {"offpeg": 2**40, "fee": 0}),
        ("fee above 50 % off peg", {"fee": 10**8, "offpeg": 50 * 10**10 + 1}),
        ("period not 1 to 2^20", {"ma_time": 0}),
        ("period not 1 to 2^20", {"ma_time": 2**20}),
    ],
)
def test_deploy__with_a_parameter_out_of_bounds__names_the_bound(deploy, make_token, reason, parameters):
    coins = [make_token(), make_token()]
    with ape.reverts(reason):
        deploy(coins, **parameters)


def test_deploy__at_the_bounds__is_allowed(project, deploy, make_token):
    coins = [make_token(0), make_token(18)]
    pool = project.StableSwap.at(deploy(coins, A=10**6, fee=10**8, offpeg=50 * 10**10, ma_time=2**20 - 1))
    assert (pool.A(), pool.fee(), pool.ma_exp_time()) == (10**6, 10**8, 2**20 - 1)
    assert pool.MINIMUM_SUPPLY() == 1_000 * WAD


def test_settings__are_the_governors(pool_factory, governor, mallory, alice):
    for call in (
        lambda sender: pool_factory.set_fee_receiver(alice, sender=sender),
        lambda sender: pool_factory.set_defaults(1, 0, 0, 1, sender=sender),
        lambda sender: pool_factory.set_blueprint(pool_factory, sender=sender),
    ):
        with ape.reverts("not governor"):
            call(mallory)
        call(governor)
    assert pool_factory.fee_receiver() == alice
    assert pool_factory.blueprint() == pool_factory.address
    with ape.reverts("no code"):
        pool_factory.set_blueprint(mallory, sender=governor)


def test_fees__without_a_receiver__stay_in_the_pool(pool_factory, make_pool, governor, alice, bob):
    pool = make_pool(seed=10**6, owner=alice, traders=[bob])
    pool.exchange(0, 1, 1_000 * WAD, 0, sender=bob)
    fees = pool.admin_balances(1)
    pool_factory.set_fee_receiver(ZERO_ADDRESS, sender=governor)
    pool.withdraw_admin_fees(sender=bob)
    assert pool.admin_balances(1) == fees > 0


@pytest.fixture
def closed(project, protocol, pool_factory, governor):
    """A factory that has not been opened."""
    args = (protocol.roles, pool_factory.blueprint(), ZERO_ADDRESS)
    return governor.deploy(project.PoolFactory, *args)


def test_first_liquidity__before_the_opening__is_refused(project, closed, make_token, governor, mallory):
    coins = [make_token(), make_token(6)]
    receipt = closed.deploy_default_pool("Pool", "LP", coins, NO_VAULTS, sender=mallory)
    pool = project.StableSwap.at(receipt.return_value)
    for coin, amount in zip(coins, (10**4 * WAD, 10**10), strict=True):
        coin.mint(mallory, amount, sender=mallory)
        coin.approve(pool, amount, sender=mallory)
    with ape.reverts("not open"):
        pool.add_liquidity([10**4 * WAD, 10**10], 0, sender=mallory)
    with ape.reverts("not governor"):
        closed.open(sender=mallory)

    assert closed.open(sender=governor).events == [closed.Opened()]

    pool.add_liquidity([10**4 * WAD, 10**10], 0, sender=mallory)
    assert pool.totalSupply() == 2 * 10**4 * WAD
    # for good
    with ape.reverts("already open"):
        closed.open(sender=governor)
