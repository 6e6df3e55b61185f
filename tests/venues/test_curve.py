"""What only the adapter to Curve's pools does: whom it trusts, what it approves, how it falls back."""

from types import SimpleNamespace

import pytest

from integrations.protocol import AddressBookError, RevertedError
from integrations.venues import CurvePool, UnknownPoolError
from tests.conftest import MILLION, WAD
from tests.venues.implementations import SEED, curve, curve_ng, model

USD = 10**6


@pytest.fixture
def chain(chain_setting):
    return curve(chain_setting)


def seed(setting):
    venue = setting.venue
    venue.add(setting.lp, venue.quote_add({"AID": SEED * WAD, "USDC": SEED * USD}))
    return setting


@pytest.fixture
def pool(chain):
    return seed(chain)


def allowance(tokens, symbol, owner, venue):
    return tokens[symbol].allowance(owner, venue.contract)


def test_at__a_pool_that_the_factory_does_not_know__is_refused(protocol, project, mallory, tokens):
    # a copy of a pool that its deployer vouches for himself
    coins = [(token.address, False) for token in tokens.values()]
    args = ("AID-USDC pool", "AID-USDC-LP", protocol.roles, coins, (500, 4 * 10**6, 2 * 10**10, 866))
    fake = mallory.deploy(project.StableSwap, *args)
    with pytest.raises(UnknownPoolError, match=f"{fake.address} is no pool of the factory"):
        CurvePool.at(fake.address, protocol.pool_factory)


def test_at__a_pool_that_curves_factory_does_not_know__is_refused(mallory):
    factory = SimpleNamespace(address="0xCurve", get_coins=lambda _, **__: [])
    with pytest.raises(UnknownPoolError, match="0xCurve"):
        CurvePool.at(mallory.address, factory, extended=False)


def test_of__finds_the_installations_own_pool_in_any_order(protocol):
    address = protocol.book.contracts["pool.AID-USDC"].address
    for coins in (("AID", "USDC"), ("usdc", "aid")):
        found = CurvePool.of(protocol, *coins)
        assert found.contract.address == address
        assert [coin.symbol for coin in found.coins] == ["AID", "USDC"]
        assert found.share.symbol == "AID-USDC-LP"


def test_of__a_stranger_deploys_another__does_not_follow_him(protocol, mallory, aid, usdc):
    own = CurvePool.of(protocol, "AID", "USDC").contract.address
    protocol.pool_factory.deploy_default_pool("Bad", "BAD", [aid, usdc], [False, False], sender=mallory)
    assert CurvePool.of(protocol, "AID", "USDC").contract.address == own


def test_of__without_one_of_its_own__takes_the_factorys_deepest(protocol, governor, alice, usdt, usdc):
    with pytest.raises(UnknownPoolError, match="USDC/USDT"):
        CurvePool.of(protocol, "USDC", "USDT")
    made = []
    for _ in range(3):
        protocol.pool_factory.deploy_default_pool("P", "P", [usdc, usdt], [False, False], sender=governor)
        made.append(protocol.pool_factory.pool_list(protocol.pool_factory.pool_count() - 1))
    for at, amount in ((0, 10), (1, 5_000)):
        venue = CurvePool.at(made[at], protocol.pool_factory)
        venue.add(alice, venue.quote_add({"USDC": amount * USD, "USDT": amount * USD}))
    assert CurvePool.of(protocol, "USDC", "USDT").contract.address == made[1]


def test_of__a_token_that_is_not_the_installations__is_refused(protocol):
    with pytest.raises(AddressBookError, match="unknown stablecoin DAI"):
        CurvePool.of(protocol, "AID", "DAI")


def test_swap__leaves_no_allowance(pool, tokens):
    venue, (alice, _) = pool.venue, pool.users
    venue.swap(alice, venue.quote_in("USDC", "AID", 1_000 * USD))
    assert allowance(tokens, "USDC", alice, venue) == 0


def test_exact_output__takes_back_what_it_did_not_need(pool, tokens):
    venue, (alice, _) = pool.venue, pool.users
    venue.swap(alice, venue.quote_out("USDC", "AID", 1_000 * WAD), slippage_bps=50)
    assert allowance(tokens, "USDC", alice, venue) == 0


def test_a_refused_swap__leaves_no_allowance(pool, tokens):
    venue, (alice, _) = pool.venue, pool.users
    quote = venue.quote_in("USDC", "AID", 1_000 * USD)
    pool.travel(60)
    with pytest.raises(RevertedError, match=r"deadline passed .*later deadline"):
        venue.swap(alice, quote, deadline=pool.now() - 30)
    assert allowance(tokens, "USDC", alice, venue) == 0


def test_an_allowance_that_is_there__is_used_and_kept(pool, tokens, alice):
    venue = pool.venue
    tokens["USDC"].approve(venue.contract, 5_000 * USD, sender=alice)
    venue.swap(alice, venue.quote_in("USDC", "AID", 1_000 * USD))
    assert allowance(tokens, "USDC", alice, venue) == 4_000 * USD


def test_a_smaller_allowance_of_tether__is_taken_back_first(protocol, project, governor, alice, tokens):
    tether = governor.deploy(project.TetherLike)
    aid = tokens["AID"]
    tether.mint(alice, 10_000 * USD, sender=alice)
    protocol.pool_factory.deploy_default_pool("P", "P", [aid, tether], [False, False], sender=governor)
    address = protocol.pool_factory.pool_list(protocol.pool_factory.pool_count() - 1)
    venue = CurvePool.at(address, protocol.pool_factory)
    tether.approve(address, 7, sender=alice)
    coin = venue.coins[1].symbol
    venue.add(alice, venue.quote_add({"AID": 10_000 * WAD, coin: 10_000 * USD}))
    assert venue.view().balances == {"AID": 10_000 * WAD, coin: 10_000 * USD}
    assert tether.allowance(alice, address) == 0


def test_an_ng_pool__whose_input_is_understated__still_gets_the_whole_output(chain_setting):
    setting = seed(curve_ng(chain_setting))
    venue, (alice, _) = setting.venue, setting.users
    exact = venue.quote_out("USDC", "AID", 50_000 * WAD).amount_in
    read = venue._access.read

    def understating(reads):
        names = [method.abis[0].name for method, *_ in reads]
        return [
            answer * 98 // 100 if name == "get_dx" else answer
            for name, answer in zip(names, read(reads), strict=True)
        ]

    venue._access.read = understating
    quote = venue.quote_out("USDC", "AID", 50_000 * WAD)
    assert quote.amount_in == exact
    assert venue.swap(alice, quote).received["AID"] >= 50_000 * WAD


def test_the_pool_in_memory__agrees_with_the_contract_to_the_unit(chain_setting):
    pools = [seed(curve(chain_setting)), seed(model(None))]
    operations = [
        lambda venue, user: venue.swap(user, venue.quote_in("USDC", "AID", 654_321_123_456), 0),
        lambda venue, user: venue.swap(user, venue.quote_out("AID", "USDC", 98_765_432_101), 0),
        lambda venue, user: venue.add(user, venue.quote_add({"AID": 12_345 * WAD + 7, "USDC": 5}), 0),
        lambda venue, user: venue.add(user, venue.quote_add({"USDC": 100_000 * USD}), 0),
        lambda venue, user: venue.remove(user, venue.quote_remove_one(30_000 * WAD + 1, "AID"), 0),
        lambda venue, user: venue.remove(user, venue.quote_remove_exact({"AID": WAD, "USDC": 2}), 0),
        lambda venue, user: venue.remove(user, venue.quote_remove(40_000 * WAD), 0),
    ]
    for operate in operations:
        fills = []
        for setting in pools:
            setting.travel(977)
            fills.append(operate(setting.venue, setting.users[0]))
        on_chain, in_memory = fills
        assert (on_chain.given, on_chain.received) == (in_memory.given, in_memory.received)
        assert on_chain.gas > 50_000
        views = [setting.venue.view() for setting in pools]
        for name in ("balances", "owed", "held", "shares", "share_value", "price"):
            assert getattr(views[0], name) == getattr(views[1], name), name


def test_position__of_an_address__needs_no_account(pool, carol):
    assert pool.venue.position(carol.address) == pool.venue.position(carol)
    assert pool.venue.position(carol).shares == 2 * SEED * WAD - pool.venue.contract.MINIMUM_SUPPLY()
    assert SEED == 10 * MILLION
