"""Uniswap v3, Pendle V2 and Morpho Blue on the scenario's chain: made, used, and what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ...protocol.artifacts import contract_at
from ...protocol.errors import translated
from ...venues import MarketParams, MarketTerms, MorphoMarket, Pendle, PendleMarket, UniswapPool, UniswapV3
from ...venues.access import Read
from ...venues.tokens import erc20
from ...venues.uniswap_market import ConcentratedMarket
from ..model import Scenario
from ..units import WAD
from ..venues import MORPHO, PENDLE, UNISWAP, Gap, LoanTerms, SplitTerms, VenueState, coins_of
from ..world import AID, DEPTH_BPS, SAID, PoolState, refusals
from .installation import MAX_UINT, Installation, create
from .node import Node
from .pools import NodeAccess, Pools

ZERO = "0x" + "00" * 20
PARTS = ("SY", "PT", "YT", "LP")
#: Of oracles: the period of the NAV's average, and how far above it a record may be.
PERIOD, MOST_RISE = 86_400, WAD // 100


class ChainVenues:
    """Implements `integrations.scenario.venues.VenueActions` with the adapters that integrators use.

    Args:
        scenario: What is played.
        node: Where it is played.
        installation: The protocol there.
        tokens: Ape contracts by the scenario's symbols.
        pools: The protocol's own pools.
        addresses: Of the venues' contracts, by the names of `integrations.fork.venues`.
    """

    def __init__(
        self,
        scenario: Scenario,
        node: Node,
        installation: Installation,
        tokens: Mapping[str, Any],
        pools: Pools,
        addresses: Mapping[str, str],
    ) -> None:
        self._scenario = scenario
        self._node = node
        self._at = installation
        self._tokens = tokens
        self._pools = pools
        self.addresses = addresses
        self._access = NodeAccess(node)
        self._uniswap = UniswapV3(addresses, self._access)
        self._pendle = Pendle(addresses, self._access)
        self._blue, self._rate_model = addresses["morpho.blue"], addresses["morpho.irm"]
        self._sy: Any = None
        self._range_pools: dict[str, UniswapPool] = {}
        self._splits: dict[str, PendleMarket] = {}
        self._markets: dict[str, MorphoMarket] = {}
        self._balances: dict[str, list[Any]] = {}  # of SY, PT, YT and LP, by market
        self._ids: dict[str, tuple[Any, bytes]] = {}  # what tells a position, by market
        self._everybody: list[Read] = []
        self._seen = -1
        self._depths: dict[str, tuple[ConcentratedMarket, Mapping[str, int]]] = {}

    # -- creating

    def create_range_pool(self, name: str, fee: int, price: int) -> None:
        """See `VenueActions`. Every actor lets the router take both coins."""
        first, second = (str(self._tokens[symbol].address) for symbol in coins_of(name))
        keeper = self._at.people.keeper
        with refusals():
            self._range_pools[name] = self._uniswap.create(keeper, first, second, fee, price)
        if len(self._range_pools) == 1:
            self._note(self._uniswap.positions.balanceOf)
        for account in self._at.actors.values():
            for symbol in coins_of(name):
                approve = self._tokens[symbol].approve
                self._node.send(approve, self._uniswap.router.address, MAX_UINT, sender=account)

    def create_split(self, market: str, terms: SplitTerms) -> None:
        """See `VenueActions`. Staked AID gets its SY with the first market."""
        from ape import project

        people = self._at.people
        if self._sy is None:
            vault, pool = self._at.protocol.staked_aid, self._pools.venues[f"{SAID}/{AID}"]
            made = create(people.keeper, project.StandardizedYield, vault.address, pool.contract.address)
            self._node.send(self._at.protocol.aid.set_protected, made.address, True, sender=people.governor)
            self._sy = made
        curve = MarketTerms.between(
            terms.low_bps, terms.high_bps, terms.fee_bps, terms.expiry - self._node.time
        )
        with refusals():
            pt, _ = self._pendle.create_tokens(people.keeper, self._sy.address, terms.expiry)
            address = self._pendle.create_market(people.keeper, pt, curve)
        venue = self._splits[market] = PendleMarket.at(address, self._pendle, curve)
        self._balances[market] = [erc20(venue.tokens[part].address).balanceOf for part in PARTS]
        for method in self._balances[market]:
            self._note(method)

    def create_lending(self, market: str, terms: LoanTerms) -> None:
        """See `VenueActions`."""
        from ape import project

        keeper, vault = self._at.people.keeper, self._at.protocol.staked_aid.address
        loan = str(self._tokens[terms.loan].address)
        source: tuple[str, str, int] = (ZERO, ZERO, 0)
        if terms.pool is not None:
            pool = str(self._pools.venues[terms.pool].contract.address)
            source = (
                pool,
                self._at.feeds[terms.loan].address,
                self._scenario.stablecoins[terms.loan].max_age,
            )
        with translated():
            oracle = create(keeper, project.VaultOracle, vault, loan, *source, PERIOD, MOST_RISE)
        self._node.version += 1
        params = MarketParams(loan, vault, str(oracle.address), self._rate_model, terms.lltv)
        with refusals():
            venue = self._markets[market] = MorphoMarket.create(keeper, self._blue, params, self._access)
        self._ids[market] = (venue.contract.position, params.id)
        self._note(*self._ids[market])

    # -- using

    def ranges(self, name: str) -> UniswapPool:
        """See `VenueActions`."""
        return self._range_pools[name]

    def split(self, market: str) -> PendleMarket:
        """See `VenueActions`."""
        return self._splits[market]

    def lending(self, market: str) -> MorphoMarket:
        """See `VenueActions`."""
        return self._markets[market]

    def poke(self, market: str) -> None:
        """See `VenueActions`."""
        oracle = contract_at("VaultOracle", self._markets[market].params.oracle)
        self._node.act(oracle.poke, sender=self._at.people.keeper)

    # -- telling

    def pool_states(self) -> dict[str, PoolState]:
        """Return Uniswap's pools as a snapshot has them; one without liquidity in range has no price."""
        return {name: self._pool_state(name, pool) for name, pool in self._range_pools.items()}

    def _pool_state(self, name: str, pool: UniswapPool) -> PoolState:
        """Return a pool's state; depths are worked out anew when somebody has traded."""
        view, market = pool.view(), pool.market()
        if name not in self._depths or self._depths[name][0] != market:
            self._depths[name] = (market, _depth(market))
        price = view.price if market.liquidity else 0
        return PoolState(view.balances, view.owed, view.held, 0, 0, price, self._depths[name][1])

    def aid_holders(self) -> Mapping[str, int]:
        """Return AID at venues; what pools hold is in their states."""
        return {MORPHO: self._balance(AID, self._blue)} if self._markets else {}

    def worth(self, who: str) -> Mapping[str, int]:
        """See `VenueActions`."""
        self._look_at_everybody()
        account = self._at.actors[who]
        found: Counter[str] = Counter()
        for name, pool in self._range_pools.items():
            for one in pool.ranges(account):
                for amounts in (one.amounts, one.fees):
                    found[UNISWAP] += self._worth(
                        dict(zip(coins_of(name), _in_order(name, amounts), strict=True))
                    )
        for market, venue in self._splits.items():
            if any(self._access.read([(method, account.address) for method in self._balances[market]])):
                found[PENDLE] += _split_worth(venue, account)
        for market, lending in self._markets.items():
            if any(self._held(market, account.address)):
                position = lending.position(account)
                loan = self._loan_of(market)
                found[MORPHO] += self._worth(
                    {loan: position.supplied - position.debt, SAID: position.collateral}
                )
        return {name: value for name, value in found.items() if value}

    def state(self) -> VenueState:
        """See `VenueActions`."""
        self._look_at_everybody()
        coins = dict.fromkeys(self._at.coins, 0)
        if self._markets:
            for coin in coins:
                coins[coin] += self._balance(coin, self._blue)
        supplies = self._node.read([(token.totalSupply,) for token in self._at.coins.values()])
        gaps = (*self._range_gaps(), *self._split_gaps(), *self._lending_gaps())
        return VenueState(coins, dict(zip(self._at.coins, map(int, supplies), strict=True)), gaps)

    # -- positions against balances

    def _range_gaps(self) -> Iterator[Gap]:
        for name, pool in self._range_pools.items():
            told: Counter[str] = Counter()
            for account in self._at.actors.values():
                for one in pool.ranges(account):
                    told.update(one.amounts)
                    told.update(one.fees)
            for symbol, held in pool.view().balances.items():
                yield Gap(f"{symbol} of ranges in {name}", told[symbol], held)

    def _split_gaps(self) -> Iterator[Gap]:
        if self._sy is not None:
            (supply,) = self._node.read([(self._sy.totalSupply,)])
            yield Gap("sAID behind SY", int(supply), self._balance(SAID, self._sy.address))
        for name, venue in self._splits.items():
            view = venue.view()
            sy, pt, yt, _ = self._balances[name]
            market = venue.contract.address
            in_market = self._access.read([(pt, market), (sy, market)])
            people = [account.address for account in self._at.actors.values()]
            pts = sum(self._access.read([(pt, one) for one in people])) + in_market[0]
            yts = sum(self._access.read([(yt, one) for one in people]))
            yield Gap(f"PT of {name}", pts, view.pt_supply, exact=True)
            yield Gap(f"YT of {name}", yts, view.yt_supply, exact=True)
            yield Gap(f"PT in the market {name}", view.balances["PT"], int(in_market[0]))
            yield Gap(f"SY in the market {name}", view.balances["SY"], int(in_market[1]))

    def _lending_gaps(self) -> Iterator[Gap]:
        free: Counter[str] = Counter()
        pledged = 0
        for name, venue in self._markets.items():
            view = venue.view()
            held = [self._held(name, account.address) for account in self._at.actors.values()]
            yield Gap(f"supply shares of {name}", sum(one[0] for one in held), view.supply_shares, exact=True)
            yield Gap(f"debt shares of {name}", sum(one[1] for one in held), view.debt_shares, exact=True)
            pledged += sum(one[2] for one in held)
            free[self._loan_of(name)] += view.liquidity
        for symbol, units in free.items():
            yield Gap(
                f"{symbol} at Morpho that nobody has borrowed", units, self._balance(symbol, self._blue), True
            )
        if self._markets:
            yield Gap("sAID pledged at Morpho", pledged, self._balance(SAID, self._blue), exact=True)

    # -- internals

    def _look_at_everybody(self) -> None:
        """Ask for all actors' positions in one message; what adapters read of them is then known."""
        if self._seen == self._node.version or not self._everybody:
            return
        self._seen = self._node.version
        self._access.read(self._everybody)

    def _note(self, method: Any, *arguments: Any) -> None:
        """Ask this of every actor from now on."""
        self._everybody += [(method, *arguments, one.address) for one in self._at.actors.values()]

    def _held(self, market: str, who: str) -> tuple[int, int, int]:
        """Supply shares, debt shares and collateral."""
        (found,) = self._access.read([(*self._ids[market], who)])
        supply_shares, debt_shares, collateral = map(int, found)
        return supply_shares, debt_shares, collateral

    def _loan_of(self, market: str) -> str:
        address = self._markets[market].params.loan
        return next(name for name, token in self._tokens.items() if str(token.address) == address)

    def _balance(self, symbol: str, holder: str) -> int:
        return int(self._access.read([(self._tokens[symbol].balanceOf, holder)])[0])

    def _worth(self, amounts: Mapping[str, int]) -> int:
        """AID that tokens are worth: coins at a dollar, sAID at its exit price."""
        total: int = sum(
            units * 10 ** (18 - self._scenario.decimals(symbol))
            for symbol, units in amounts.items()
            if symbol != SAID
        )
        if shares := amounts.get(SAID, 0):
            total += int(self._access.read([(self._at.protocol.staked_aid.convertToAssets, shares)])[0])
        return total


def _in_order(name: str, amounts: Mapping[str, int]) -> list[int]:
    """Amounts by the venue's symbols, in the order of a pool's name."""
    by_symbol = {symbol.upper(): units for symbol, units in amounts.items()}
    return [by_symbol[symbol.upper()] for symbol in coins_of(name)]


def _split_worth(venue: PendleMarket, account: Any) -> int:
    """AID that an actor's SY, PT, YT and LP tokens are worth at the market's price."""
    value: int
    view, position = venue.view(), venue.position(account)
    cover = min(WAD, view.rate * WAD // view.index)
    price = WAD if view.expired else view.pt_price
    pt = position.balances["PT"] + position.liquidity["PT"]
    sy = position.balances["SY"] + position.liquidity["SY"] + position.interest
    value = pt * price + (0 if view.expired else position.balances["YT"] * (WAD - price))
    return sy * view.rate // WAD + value // WAD * cover // WAD


def _depth(market: ConcentratedMarket) -> Mapping[str, int]:
    """What one swap takes of each coin; nothing where no liquidity is in range."""
    first, second = (coin.symbol for coin in market.coins)
    if not market.liquidity:
        return {first: 0, second: 0}
    return {
        first: market.depth(first, second, DEPTH_BPS),
        second: market.depth(second, first, DEPTH_BPS),
    }
