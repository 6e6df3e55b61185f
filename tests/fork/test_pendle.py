"""sAID split at Pendle V2, on its real bytecode: balances known beforehand, through expiry and a loss."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace

import ape
import pytest

from integrations.fork import venues
from integrations.fork.deployer import Deployer
from integrations.fork.packages import MODULES, artifact
from integrations.fork.pendle import PACKAGE
from integrations.protocol import RevertedError
from integrations.venues import UnknownMarketError
from integrations.venues.pendle import PendleMarket, guess_for
from integrations.venues.pendle_contracts import Pendle
from integrations.venues.pendle_math import searched
from integrations.venues.tokens import erc20
from tests.conftest import DAY, WAD
from tests.fork.split_implementations import EACH, YEAR, pendle, stake
from tests.venues import reference

K = 1_000 * WAD
SY, PT = 400 * K, 500 * K
LIFE = 90 * DAY
#: The vault's assets; half of them on the book.
ASSETS = 3 * EACH
VIRTUAL = 10**6
NO_ORDERS = ("0x" + "00" * 20, 0, [], [], b"")
#: No aggregator on the way in or out.
NO_SWAP = (0, "0x" + "00" * 20, b"", False)
ZERO = "0x" + "00" * 20


@pytest.fixture(scope="module")
def split(protocol, mainnet, people):
    """Alice, bob and carol have a million SY each; carol's liquidity is 400,000 SY and 500,000 PT."""
    split = pendle(protocol, mainnet.venues, *stake(protocol, people), LIFE)
    venue, carol = split.venue, split.users[2]
    venue.execute(carol, venue.market().split(PT))
    venue.execute(carol, venue.market().add(SY, PT))
    return split


@pytest.fixture(scope="module")
def system(mainnet):
    return Pendle(mainnet.venues)


class Yield:
    """The vault earns a fixed amount each second: what a share is worth at any time, by hand."""

    def __init__(self, split, yearly_bps):
        self.slope = ASSETS * yearly_bps // 10_000 // YEAR
        split.desk.set_slope(self.slope, sender=split.users[0])
        self.began = split.now
        self.lost = 0

    def rate(self, time):
        return WAD * (ASSETS + self.slope * (time - self.began) - self.lost + VIRTUAL) // (ASSETS + VIRTUAL)

    def lose(self, split, amount):
        split.desk.set_impairment(amount, 0, sender=split.users[0])
        self.lost = amount


@pytest.fixture
def earning(split):
    """The vault earns 12 % a year."""
    return Yield(split, 1_200)


def allowances(split, account):
    coins = [*split.venue.tokens.values(), *split.venue.entries.values()]
    return [
        erc20(coin.address).allowance(account, spender)
        for coin in coins
        for spender in (split.venue.pendle.router, split.venue.sy)
    ]


# whom it trusts


def test_market_of_the_local_mainnet__is_registered_and_has_months_left(system, mainnet, protocol):
    venue = PendleMarket.at(mainnet.market, system)
    view = venue.view()

    assert venue.tokens["SY"].address == protocol.sy.address
    assert venue.tokens["SY"].symbol == "SY-sAID"
    assert venue.tokens["PT"].symbol.startswith("PT-sAID-")
    assert view.expiry % DAY == 0
    assert view.expiry - view.time > 59 * DAY
    assert (view.shares, view.pt_supply) == (0, 0)


def test_market_that_no_factory_made__is_refused(split, system, fork, mallory):
    # a copy of a market, byte for byte, whose maker vouches for it himself
    deployer = Deployer(fork.web3, mallory.address)
    library = deployer.deploy(
        artifact(PACKAGE, "build/artifacts/contracts/core/Market/OracleLib.sol/OracleLib.json")
    )
    code = venues.pendle.contracts()["pendle.market"].linked({"OracleLib": library})
    terms, pt = split.terms, split.venue.tokens["PT"].address
    gauges = system.markets.gaugeController()
    fake = deployer.deploy(code, pt, terms.scalar_root, terms.anchor, terms.ln_fee_root, gauges)

    with pytest.raises(UnknownMarketError, match=f"{fake} is no market of the factory"):
        PendleMarket.at(fake, system)


def test_creating__what_exists_or_off_the_grid__is_refused(split, system, protocol):
    alice, pt = split.users[0], split.venue.tokens["PT"].address
    expiry = split.venue.view().expiry

    with pytest.raises(RevertedError):
        system.create_market(alice, pt, split.terms)
    with pytest.raises(RevertedError):
        system.create_tokens(alice, protocol.sy.address, expiry + 1)
    # tokens that exist are found
    assert system.create_tokens(alice, protocol.sy.address, expiry)[0] == pt


def test_allowances__are_exact__and_gone_afterwards_or_after_a_refusal(split):
    venue, alice = split.venue, split.users[0]
    quote = venue.market().split(100 * K)
    venue.execute(alice, quote)
    for act in (
        lambda: venue.execute(alice, venue.market().swap("PT", "SY", K)),
        lambda: venue.execute(alice, venue.market().add(10 * K, K)),
        lambda: venue.wrap(alice, "AID", K),
    ):
        act()
        assert not any(allowances(split, alice))

    quote = venue.market().swap("YT", "SY", K)
    # the price of YT halves before the transaction arrives
    split.desk.set_slope(0, sender=alice)
    venue.execute(split.users[1], venue.market().swap("SY", "PT", 60 * K))
    with pytest.raises(RevertedError, match="min out"):
        venue.execute(alice, quote)
    assert not any(allowances(split, alice))


# what the router asks of SY


def test_sy__has_every_function_and_event_that_pendle_calls(protocol):
    path = "build/artifacts/contracts/interfaces/IStandardizedYield.sol/IStandardizedYield.json"
    expected = json.loads((MODULES / PACKAGE / path).read_text())["abi"]
    ours = [entry.model_dump(mode="json") for entry in protocol.sy.contract_type.abi]

    def shapes(abi):
        return {
            (
                entry["type"],
                entry["name"],
                tuple((one["type"], bool(one.get("indexed"))) for one in entry["inputs"]),
                tuple(one["type"] for one in entry.get("outputs", [])),
            )
            for entry in abi
            if entry["type"] in ("function", "event")
        }

    # an event of rewards, of which there are none
    missing = shapes(expected) - shapes(ours)
    assert {(kind, name) for kind, name, *_ in missing} == {("event", "ClaimRewards")}


def test_router__takes_aid_for_pt__and_pays_aid_for_pt(split, protocol):
    venue, (alice, bob, _), aid = split.venue, split.users, protocol.aid
    router, pt = venue.pendle.router, erc20(venue.tokens["PT"].address)
    pool = protocol.contract(f"pool.{protocol.config.exit_pool.name}")
    venue.unwrap(bob, "sAID", 200 * K)
    for token in (aid, protocol.staked_aid):
        token.approve(pool, 200 * K, sender=bob)
    pool.add_liquidity([200 * K, 200 * K], 0, sender=bob)
    aid.approve(router, 20 * K, sender=alice)
    before = venue.market()
    guess = guess_for(before.swap("SY", "PT", 20 * K).received["PT"], K)
    search = (guess.least, guess.most, guess.first, 256, guess.precision)

    entry = (aid, 20 * K, aid, ZERO, NO_SWAP)
    router.swapExactTokenForPt(alice, venue.contract, K, search, entry, NO_ORDERS, sender=alice)

    # the price of a share is one: as many SY as AID
    bought = before.at(split.now, WAD).bought("PT", 20 * K, guess)
    assert pt.balanceOf(alice) == bought

    pt.approve(router, bought, sender=alice)
    before, held = venue.market(), aid.balanceOf(alice)
    way_out = (aid, 18 * K, aid, ZERO, NO_SWAP)
    router.swapExactPtForToken(alice, venue.contract, bought, way_out, NO_ORDERS, sender=alice)

    sold = before.at(split.now, WAD).swap("PT", "SY", bought).received["SY"]
    got = aid.balanceOf(alice) - held
    terms = protocol.config.exit_pool
    expected = reference.bought(
        Decimal(200_000),
        Decimal(200_000),
        Decimal(sold) / WAD,
        terms.amplification,
        Decimal(terms.fee) / 10**10,
        Decimal(terms.offpeg_fee_multiplier) / 10**10,
    )
    assert abs(Decimal(got) / WAD - expected) < Decimal("0.0001")
    assert protocol.sy.totalSupply() == protocol.staked_aid.balanceOf(protocol.sy)


# to the wei


@pytest.mark.parametrize(("sell", "buy"), [("SY", "PT"), ("SY", "YT"), ("PT", "SY"), ("YT", "SY")])
def test_swap__while_the_vault_earns__is_predicted_to_the_wei(split, earning, monkeypatch, sell, buy):
    venue, alice = split.venue, split.users[0]
    venue.execute(alice, venue.market().split(50 * K))
    split.travel(20 * DAY)
    treasury = venue.pendle.markets.treasury()
    held, before = venue.sy.balanceOf(treasury), venue.market()
    quote = before.swap(sell, buy, 12_345 * WAD + 678)

    # the adapter sees the market as it is now; time passes before the transaction arrives
    monkeypatch.setattr(venue, "market", lambda: before)
    venue.execute(split.users[1], before.split(K))
    fill = venue.execute(alice, quote, slippage_bps=5)

    later = before.at(split.now, earning.rate(split.now))
    assert later.rate == split.rate
    assert fill.given == {sell: 12_345 * WAD + 678}
    if sell == "SY":
        guess = guess_for(quote.received[buy], quote.least(buy, 5))
        assert fill.received == {buy: later.bought(buy, quote.given["SY"], guess)}
        pt = searched(
            {"PT": later.state.cost_of_pt, "YT": later.state.cost_of_yt}[buy], quote.given["SY"], guess
        )
        traded = pt if buy == "PT" else -pt
    else:
        assert fill.received == later.swap(sell, buy, quote.given[sell]).received
        traded = quote.given[sell] * (-1 if sell == "PT" else 1)
    assert venue.sy.balanceOf(treasury) - held == later.state.trade(traded).reserve


def test_dust__whose_fee_is_nothing__is_refused_by_model_and_market(split):
    venue, alice = split.venue, split.users[0]
    venue.execute(alice, venue.market().split(K))

    with pytest.raises(RevertedError, match="zero fee"):
        venue.market().swap("PT", "SY", 100)
    erc20(venue.tokens["PT"].address).approve(venue.pendle.router, 100, sender=alice)
    with ape.reverts():
        venue.pendle.router.swapExactPtForSy(alice, venue.contract, 100, 0, NO_ORDERS, sender=alice)


# stories


def test_fixed_and_floating__through_the_expiry(split, earning):
    """Alice fixes the yield, bob bets on it; the vault earns more than the market thought."""
    venue, (alice, bob, carol) = split.venue, split.users
    for user in (alice, bob):
        assert split.balances(user) == {"SY": EACH, "PT": 0, "YT": 0, "LP": 0}
    pt = venue.execute(alice, venue.market().swap("SY", "PT", 50 * K)).received["PT"]
    asset = 50 * K * split.rate // WAD
    bought, implied = split.now, venue.view().implied_yield / WAD
    yt = venue.execute(bob, venue.market().swap("SY", "YT", 2 * K)).received["YT"]
    first_index = earning.rate(split.now)
    expiry = venue.view().expiry

    # nobody comes for three days after the expiry: the index is that of the first call after it
    split.go(expiry + 3 * DAY)
    claimed = venue.claim(bob).received["SY"]
    index = earning.rate(split.now)
    earned = yt * (index - first_index) * WAD // (first_index * index)
    assert claimed == earned - earned * split.interest_fee // WAD

    fill = venue.execute(alice, venue.market().merge(pt), slippage_bps=1)
    now = earning.rate(split.now)
    assert fill.received == {"SY": pt * WAD // now}
    assert split.balances(alice) == {"SY": EACH - 50 * K + pt * WAD // now, "PT": 0, "YT": 0, "LP": 0}
    # PT paid what was known when they were bought: the yield that this left in the market, less the fee's
    fixed = (pt / asset) ** (YEAR / (expiry - bought)) - 1
    assert fixed == pytest.approx((1 + implied) / 1.002 - 1, abs=0.0005)

    # carol: her liquidity, and the interest of the YT that she kept
    position = venue.position(carol)
    venue.claim(carol)
    venue.execute(carol, venue.market().remove(position.balances["LP"]), slippage_bps=0)
    venue.execute(carol, venue.market().merge(position.liquidity["PT"]), slippage_bps=1)
    paid = position.liquidity["PT"] * WAD // earning.rate(split.now)
    expected = EACH - PT - SY + position.interest + position.liquidity["SY"] + paid
    assert abs(split.balances(carol)["SY"] - expected) <= 4
    # what is still there: a thousand wei of liquidity, fees, and the index's rise since the expiry
    view = venue.view()
    assert view.shares == 1_000
    # and the PT of what the search for YT had left over
    assert view.balances["PT"] <= view.pt_supply < 2_000 + 2 * K // 10**9


def test_loss__before_the_expiry__is_pts(split, earning):
    """A tenth of the vault is lost: PT get nine tenths, YT keep what they had earned."""
    venue, (alice, bob, _) = split.venue, split.users
    for user in (alice, bob):
        venue.execute(user, venue.market().split(100 * K))
    began = [earning.rate(split.now)]
    split.travel(60 * DAY)
    # with this claim the index is kept; bob leaves his interest in it
    claimed = venue.claim(alice).received["SY"]
    index = earning.rate(split.now)
    earned = [made(venue, user, index) for user in (alice, bob)]
    split.desk.set_slope(0, sender=alice)
    stopped = split.now
    earning.lose(split, ASSETS // 10)
    rate = earning.rate(stopped)
    assert rate == split.rate < index
    assert began[0] < index

    split.go(venue.view().expiry)
    held = {user: split.balances(user) for user in (alice, bob)}
    for user in (alice, bob):
        amount = held[user]["PT"]
        fill = venue.execute(user, venue.market().merge(amount), slippage_bps=0)
        assert fill.received == {"SY": amount * WAD // index}
        worth = fill.received["SY"] * rate // WAD
        assert abs(worth - amount * rate // index) <= 2
    assert rate / index == pytest.approx(0.9, abs=0.003)
    assert venue.claim(alice).received == {}
    assert venue.claim(bob).received == {"SY": earned[1]}
    assert claimed > 0


def made(venue, user, index):
    """SY that a claim would pay a holder of YT at an index, after Pendle's fee."""
    since, accrued = venue.yt.userInterest(user)
    yt = venue.yt.balanceOf(user)
    due = accrued + yt * (index - since) * WAD // (since * index)
    return due - due * 3 // 100


def test_claims__never_exceed_what_is_kept_for_them(split, earning):
    """Y1: the SY of the yield token cover PT at the index, and all interest."""
    venue, (alice, bob, carol) = split.venue, split.users
    for user, amount in ((alice, 30 * K), (bob, 70 * K + 1)):
        venue.execute(user, venue.market().split(amount))
    for days in (10, 25):
        split.travel(days * DAY)
        venue.execute(bob, venue.market().merge(9 * K + 7))
        venue.yt.transfer(alice, K, sender=bob)
        venue.claim(alice)
    view = venue.view()
    owed = sum(made(venue, user, view.index) for user in (alice, bob, carol))

    assert view.pt_supply == view.yt_supply
    assert venue.sy.balanceOf(venue.yt) >= view.pt_supply * WAD // view.index + owed


def test_denied_holder__gets_no_sy_out_of_pendle(split, protocol, compliance):
    venue, (alice, bob, _) = split.venue, split.users
    venue.execute(alice, venue.market().split(10 * K))
    protocol.aid.deny(alice, sender=compliance)

    for quote in (venue.market().merge(K), venue.market().swap("PT", "SY", K)):
        with pytest.raises(RevertedError):
            venue.execute(alice, quote)
    with pytest.raises(RevertedError):
        venue.wrap(alice, "sAID", K)
    # PT are Pendle's own and know no deny list: whoever gets them can redeem them
    token = venue.pendle.contract("pt", venue.tokens["PT"].address)
    token.approve(bob, K, sender=alice)
    token.transferFrom(alice, bob, K, sender=bob)
    assert split.balances(bob)["PT"] == K


def test_yield_pushed_up_for_moments__moves_the_average_by_their_part(split):
    """Y7, Y11: a yield that is pushed up and back counts for the seconds that it lasted."""
    venue, (alice, bob, _) = split.venue, split.users
    venue.execute(bob, venue.market().split(100 * K))
    venue.remember(alice, 20)
    venue.execute(bob, venue.market().swap("PT", "SY", WAD))
    split.travel(1_800)
    before = venue.average(900)
    sold = venue.execute(bob, venue.market().swap("PT", "SY", 90 * K)).received["SY"]
    pushed = SimpleNamespace(time=split.now, implied=venue.view().implied_yield)
    venue.execute(bob, venue.market().swap("SY", "PT", sold))
    seconds = split.now - pushed.time

    after = venue.average(900)
    moved = abs(after.ln_rate - before.ln_rate)
    assert pushed.implied > venue.view().implied_yield
    assert moved <= pushed.implied * (seconds + 1) // 900
    assert before.ready
    assert after.ready
