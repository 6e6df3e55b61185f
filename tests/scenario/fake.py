"""An in-memory world: the protocol's rules in plain integers, simple enough to check by eye.

It has what scenarios exercise (modes, fees, limits, vesting, cycles, deny list), without the contracts' care.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integrations.scenario.chain.pools import state_of
from integrations.scenario.loader import LoadedScenario
from integrations.scenario.units import BPS, DAY, WAD
from integrations.scenario.venues import VenueActions
from integrations.scenario.world import (
    AID,
    SAID,
    Backing,
    CoinState,
    Holdings,
    PoolState,
    PoolTerms,
    Reverted,
    Settlement,
    Snapshot,
    StakingState,
    Switch,
    VaultState,
)
from integrations.simulation.stableswap_model import StableSwapModel
from integrations.simulation.state import PoolParameters
from integrations.venues import Coin, ModelPool

from .fake_credit import FakeDesk

YEAR = 365 * DAY
CYCLE = 30 * DAY
VIRTUAL = 10**6
LIQUID_FLOOR_BPS = 2_000
CREDIT_BAND = WAD * 25 // BPS


def require(condition: object, reason: str) -> None:
    if not condition:
        raise Reverted(reason)


@dataclass
class Bucket:
    capacity: int
    level: int
    updated: int

    def take(self, amount: int, now: int, reason: str) -> None:
        level = min(self.capacity, self.level + self.capacity * (now - self.updated) // DAY)
        require(amount <= level, reason)
        self.level, self.updated = level - amount, now


@dataclass
class Queue:
    """Shares that wait, by the cycle they take part in, and what has been filled."""

    waiting: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    claimable: int = 0
    price: int = 0  # lowest at a request that waits


class FakeWorld:
    """Implements `integrations.scenario.world.World`."""

    def __init__(self, loaded: LoadedScenario) -> None:
        self.scenario = scenario = loaded.scenario
        self.start = self.time = scenario.start_time
        self.coins, self.vault_terms = scenario.stablecoins, scenario.reserve.vaults
        self.scale = {name: int(10 ** (18 - coin.decimals)) for name, coin in self.coins.items()}
        self.wallets: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for name, actor in scenario.actors.items():
            for coin, amount in actor.balances.items():
                self.wallets[coin][name] = int(amount * 10 ** self.coins[coin].decimals)
        self.prices = {name: coin.price for name, coin in self.coins.items()}
        self.reported = dict.fromkeys(self.coins, self.time)
        self.units = dict.fromkeys(self.coins, 0)
        self.vault_shares = dict.fromkeys(self.vault_terms, 0)
        self.kyc = {name: self.time + 730 * DAY for name, actor in scenario.actors.items() if actor.kyc}
        self.denied: set[str] = set()
        self.paused: set[str] = set()
        self.buckets = {
            (kind, name): Bucket(limit * WAD, limit * WAD, self.time)
            for name, coin in self.coins.items()
            for kind, limit in (("mint", coin.mint_limit), ("redeem", coin.redeem_limit))
        }
        self.idle = self.gross = self.claimable = self.shares = self.insurance = 0
        self.vesting, self.vested_at, self.vests_until = 0, self.time, self.time
        self.debts: dict[str, int] = defaultdict(int)
        self.queues: dict[str, Queue] = defaultdict(Queue)
        self.cycle, self.settled = 0, list[Settlement]()
        self.pools: dict[str, ModelPool] = {}
        self.credit = FakeDesk(self)

    # -- clock and feeds

    def now(self) -> int:
        return self.time

    def travel_to(self, timestamp: int) -> None:
        assert timestamp >= self.time, "time travel goes forwards"
        self.time = timestamp

    def publish_price(self, coin: str, price: int) -> None:
        self.prices[coin], self.reported[coin] = price, self.time

    # -- gateway

    def _supply(self) -> int:
        elsewhere = sum(self._pooled().values()) + self.credit.aid + sum(self.credit.offerings.values())
        return sum(self.wallets[AID].values()) + elsewhere + self.idle + self.claimable + self.insurance

    def _room(self, kind: str, coin: str) -> int:
        bucket = self.buckets[kind, coin]
        return min(bucket.capacity, bucket.level + bucket.capacity * (self.time - bucket.updated) // DAY)

    def _index(self, vault: str) -> int:
        """Coin units for one share (1e18), a million times over."""
        one = int(10 ** (self.coins[self.vault_terms[vault].coin].decimals + 6))
        return one + one * self.vault_terms[vault].rate_bps * (self.time - self.start) // (BPS * YEAR)

    def _vault_units(self, vault: str) -> int:
        return self.vault_shares[vault] * self._index(vault) // (WAD * 10**6)

    def _fresh(self, coin: str) -> bool:
        return self.time - self.reported[coin] <= self.coins[coin].max_age

    def backing(self) -> Backing:
        at_price = at_par = sure = 0
        stale = False
        for coin in self.coins:
            vaults = (
                self._vault_units(name) for name, terms in self.vault_terms.items() if terms.coin == coin
            )
            value = (self.units[coin] + sum(vaults)) * self.scale[coin]
            at_par += value
            worth = value * min(WAD, self.prices[coin]) // WAD
            at_price += worth
            if self._fresh(coin):
                sure += worth
            elif value > 0:
                stale = True
        supply = self._supply()
        short = sure * BPS < (BPS - self.scenario.reserve.deficit_delta_bps) * supply
        return Backing(at_price, at_par, supply, short, stale)

    def _user(self, who: str) -> None:
        require(who not in self.denied, "denied")
        require(self.kyc.get(who, 0) >= self.time, "kyc required")

    def mint(self, who: str, coin: str, units: int, min_out: int) -> int:
        terms, price = self.coins[coin], self.prices[coin]
        require("mint" not in self.paused, "mint paused")
        self._user(who)
        require(self._fresh(coin), "stale price")
        require(abs(price - WAD) <= WAD * terms.band_bps // BPS, "price out of band")
        require(not self.backing().deficit, "deficit")
        fee = -(-units * terms.mint_fee_bps // BPS)
        aid = (units - fee) * self.scale[coin] * min(WAD, price) // WAD
        require(aid >= min_out, "min out")
        require(self.units[coin] + units <= terms.cap * 10**terms.decimals, "asset cap")
        self.buckets["mint", coin].take(aid, self.time, "mint limit")
        self._move(coin, who, None, units)
        self.units[coin] += units
        self.wallets[AID][who] += aid
        return aid

    def redeem(self, who: str, coin: str, aid: int, min_out: int) -> int:
        require("redeem" not in self.paused, "redeem paused")
        self._user(who)
        require(not self.backing().deficit, "deficit")
        fee = -(-aid * self.coins[coin].redeem_fee_bps // BPS)
        units = (aid - fee) * WAD // max(WAD, self.prices[coin]) // self.scale[coin]
        require(units >= min_out, "min out")
        require(units <= self.units[coin], "insufficient units")
        self.buckets["redeem", coin].take(aid, self.time, "redeem limit")
        self._move(AID, who, None, aid)
        self.units[coin] -= units
        self.wallets[coin][who] += units
        return units

    def redeem_basket(self, who: str, aid: int) -> Mapping[str, int]:
        self._user(who)
        backing = self.backing()
        require(backing.deficit, "not deficit")
        self._move(AID, who, None, aid)
        paid: dict[str, int] = {}
        for coin in self.coins:
            paid[coin] = aid * self.units[coin] // max(backing.supply, backing.backing_par)
            self.units[coin] -= paid[coin]
            self.wallets[coin][who] += paid[coin]
        for name in self.vault_terms:
            paid[name] = aid * self.vault_shares[name] // max(backing.supply, backing.backing_par)
            self.vault_shares[name] -= paid[name]
            self.wallets[name][who] += paid[name]
        return paid

    def redeem_vault(self, who: str, vault: str, shares: int) -> int:
        coin, units = self.vault_terms[vault].coin, shares * self._index(vault) // (WAD * 10**6)
        self._move(vault, who, None, shares)
        self.wallets[coin][who] += units
        return units

    def recapitalise(self, who: str, coin: str, units: int) -> None:
        self._move(coin, who, None, units)
        self.units[coin] += units

    def harvest(self, who: str | None) -> int:  # noqa: ARG002
        backing = self.backing()
        require(not backing.deficit, "nothing to harvest")
        buffer = backing.supply * self.scenario.reserve.buffer_bps // BPS
        aid = backing.backing - backing.supply - buffer
        require(aid > 0, "nothing to harvest")
        self.sync()
        self.idle += aid
        self._vest(aid)
        return aid

    def allocate(self, vault: str, units: int) -> int:
        coin = self.vault_terms[vault].coin
        require(units <= self.units[coin], "insufficient units")
        left = self.units[coin] - units
        require(
            left * BPS >= LIQUID_FLOOR_BPS * (self.units[coin] + self._vault_units(vault)), "liquid floor"
        )
        shares = units * WAD * 10**6 // self._index(vault)
        self.units[coin] -= units
        self.vault_shares[vault] += shares
        return shares

    def deallocate(self, vault: str, units: int | None) -> int:
        index = self._index(vault)
        shares = self.vault_shares[vault] if units is None else -(-units * WAD * 10**6 // index)
        require(shares <= self.vault_shares[vault], "insufficient units")
        self.vault_shares[vault] -= shares
        paid = shares * index // (WAD * 10**6) if units is None else units
        self.units[self.vault_terms[vault].coin] += paid
        return paid

    # -- staking

    def _unvested(self, at: int) -> int:
        if at >= self.vests_until:
            return 0
        return -(-self.vesting * (self.vests_until - at) // (self.vests_until - self.vested_at))

    def _vest(self, gain: int) -> None:
        left = self._unvested(self.time)
        rest = max(0, self.vests_until - self.time)
        period = (left * rest + gain * self.scenario.staking.vesting) // (left + gain)
        self.vesting, self.vested_at, self.vests_until = left + gain, self.time, self.time + period

    def burn_unvested(self, loss: int) -> None:
        self.vesting, self.vested_at = self._unvested(self.time) - loss, self.time

    def _entry_assets(self, at: int) -> int:
        return self.idle + self.gross + self.credit.book(at)[0]

    def _assets(self, at: int) -> int:
        return max(0, self._entry_assets(at) - self.credit.book(at)[1] - self._unvested(at))

    def _price(self, at: int) -> int:
        return WAD * (self._assets(at) + VIRTUAL) // (self.shares + VIRTUAL)

    def sync(self) -> None:
        while self.start + (self.cycle + 1) * CYCLE <= self.time:
            self._settle(self.start + (self.cycle + 1) * CYCLE)
            self.cycle += 1

    def _settle(self, end: int) -> None:
        queued = {who: queue.waiting.pop(self.cycle, 0) for who, queue in self.queues.items()}
        requested = sum(queued.values())
        if not requested:
            return
        price = self._price(end)
        available = min(self.idle, requested * price // WAD)
        filled_total = paid_total = 0
        for who, shares in queued.items():
            paid = available * shares // requested
            filled = shares if available == requested * price // WAD else min(shares, paid * WAD // price)
            self.queues[who].claimable += paid
            self.queues[who].waiting[self.cycle + 1] += shares - filled
            filled_total, paid_total = filled_total + filled, paid_total + paid
        self.shares -= filled_total
        self.idle -= paid_total
        self.claimable += paid_total
        self.settled.append(Settlement(self.cycle, end, requested, filled_total, paid_total, price))

    def _in_window(self) -> bool:
        return (self.time - self.start) % CYCLE < self.scenario.staking.window

    def deposit(self, who: str, aid: int, min_shares: int) -> int:
        require("deposits" not in self.paused, "deposits paused")
        require(who not in self.denied, "denied")
        self.sync()
        assets = self._entry_assets(self.time)
        shares = aid * (self.shares + VIRTUAL) // (assets + VIRTUAL)
        require(shares >= min_shares, "min out")
        self._move(AID, who, None, aid)
        self.idle += aid
        self.shares += shares
        self.wallets[SAID][who] += shares
        return shares

    def request(self, who: str, shares: int) -> int:
        self.sync()
        minimum = self.scenario.staking.min_request
        require(shares >= (int(minimum * WAD) if minimum else 1), "below minimum")
        self._move(SAID, who, None, shares)
        joined = self.cycle + (0 if self._in_window() else 1)
        queue = self.queues[who]
        price = self._price(self.time)
        queue.price = min(price, queue.price) if queue.price and sum(queue.waiting.values()) else price
        queue.waiting[joined] += shares
        return joined

    def cancel(self, who: str) -> int:
        self.sync()
        waiting = self.queues[who].waiting
        cycles = [cycle for cycle in waiting if cycle > self.cycle or self._in_window()]
        shares = sum(waiting.pop(cycle) for cycle in cycles)
        require(shares, "nothing to cancel")
        fee = 0 if self._price(self.time) < self.queues[who].price else shares * 9 // 10_000
        self.shares -= fee
        self.wallets[SAID][who] += shares - fee
        return shares - fee

    def claim(self, who: str) -> int:
        self.sync()
        require(who not in self.denied, "denied")
        aid = self.queues[who].claimable
        require(aid, "nothing to claim")
        self.queues[who].claimable = 0
        self.claimable -= aid
        self.wallets[AID][who] += aid
        return aid

    # -- pools

    def create_pool(self, name: str, terms: PoolTerms) -> None:
        symbols = name.split("/")
        first, second = (self.scenario.decimals(symbol) for symbol in symbols)
        model = StableSwapModel(
            PoolParameters(
                decimals=(first, second),
                vaults=(symbols[0] == SAID, symbols[1] == SAID),
                amplification=terms.amplification,
                fee=terms.fee,
                offpeg_multiplier=terms.offpeg_multiplier,
                ma_exp_time=terms.period,
                assets=self._share_prices(symbols),
            ),
            self.time,
        )
        coins = [Coin(symbol, "", self.scenario.decimals(symbol)) for symbol in symbols]
        self.wallets[name] = defaultdict(int)
        self.pools[name] = ModelPool(coins, model, self.wallets, name)

    def _share_prices(self, symbols: Sequence[str]) -> tuple[int, int]:
        first, second = (self._price(self.time) if symbol == SAID else WAD for symbol in symbols)
        return first, second

    def venue(self, name: str) -> ModelPool:
        pool = self.pools[name]
        pool.model.time = self.time
        pool.model.assets = list(self._share_prices(name.split("/")))
        return pool

    liquidity = venue

    @property
    def venues(self) -> VenueActions:
        """Other people's venues are not modelled: what is tried there is refused."""
        raise Reverted("no venues")

    def account(self, who: str) -> str:
        return who

    def _pooled(self) -> dict[str, int]:
        """AID in pools, the protocol's fees included."""
        return {
            f"pool {name}": pool.model.state.balances[at] + pool.model.state.admin_balances[at]
            for name, pool in self.pools.items()
            for at, symbol in enumerate(name.split("/"))
            if symbol == AID
        }

    def _pool_states(self) -> dict[str, PoolState]:
        return {name: state_of(self.venue(name)) for name in self.pools}

    # -- tokens and authority

    def _move(self, token: str, who: str, to: str | None, amount: int) -> None:
        require(token != AID or not {who, to} & self.denied, "denied")
        require(token != AID or "aid" not in self.paused, "paused")
        require(self.wallets[token][who] >= amount, "erc20: transfer amount exceeds balance")
        self.wallets[token][who] -= amount
        if to is not None:
            self.wallets[token][to] += amount

    def transfer(self, token: str, who: str, to: str, amount: int) -> None:
        self._move(token, who, to, amount)

    def set_kyc(self, who: str, valid_until: int) -> None:
        self.kyc[who] = valid_until

    def deny(self, who: str) -> None:
        self.denied.add(who)

    def allow(self, who: str) -> None:
        self.denied.discard(who)

    def pause(self, switch: Switch) -> None:
        self.paused.add(switch)

    def unpause(self, switch: Switch) -> None:
        self.paused.discard(switch)

    # -- credit

    def check_floor(self, aid: int) -> None:
        floor = self._assets(self.time) * self.scenario.staking.reserve_floor_bps // BPS
        queued = sum(sum(queue.waiting.values()) for queue in self.queues.values())
        kept = floor + queued * self._price(self.time) // WAD
        require(self.idle - aid >= kept, "reserve floor")

    def lend(self, to: str, coin: str, aid: int) -> int:
        self.sync()
        require(abs(self.prices[coin] - WAD) <= CREDIT_BAND, "price out of band")
        require(not self.backing().deficit, "deficit")
        self.check_floor(aid)
        units = aid * WAD // max(WAD, self.prices[coin]) // self.scale[coin]
        require(units <= self.units[coin], "insufficient units")
        self.idle, self.gross = self.idle - aid, self.gross + aid
        self.debts[to] += aid
        self.units[coin] -= units
        self.wallets[coin][to] += units
        return units

    def repay(self, who: str, coin: str, principal: int, income: int) -> int:
        self.sync()
        self._move(coin, who, None, principal + income)
        self.units[coin] += principal + income
        back = principal * self.scale[coin]
        gain = income * self.scale[coin]
        require(back <= self.debts[who], "too much")
        self.debts[who] -= back
        self.idle, self.gross = self.idle + back + gain, self.gross - back
        if gain:
            self._vest(gain)
        return back + gain

    def write_off(self, who: str, aid: int) -> None:
        self.sync()
        self.debts[who] -= aid
        require(aid <= self.gross, "too much")
        covered = min(self.insurance, aid)
        self.gross, self.idle, self.insurance = (
            self.gross - aid,
            self.idle + covered,
            self.insurance - covered,
        )

    def contribute(self, who: str, aid: int) -> None:
        self._move(AID, who, None, aid)
        self.insurance += aid

    # -- reading

    def balance(self, token: str, who: str) -> int:
        return self.wallets[token][who]

    def holdings(self, who: str) -> Holdings:
        return Holdings(
            coins={coin: self.wallets[coin][who] for coin in self.coins},
            aid=self.wallets[AID][who],
            shares=self.wallets[SAID][who],
            pending_shares=sum(self.queues[who].waiting.values()),
            claimable_aid=self.queues[who].claimable,
            vault_shares={name: self.wallets[name][who] for name in self.vault_terms},
            debt=self.debts[who],
            liquidity={name: self.wallets[name][who] for name in self.pools},
            deals=self.credit.participations(who),
        )

    def aid_holders(self) -> Mapping[str, int]:
        actors = {name: self.wallets[AID][name] for name in self.scenario.actors}
        contracts = {"StakedAID": self.idle + self.claimable, "InsuranceFund": self.insurance}
        offerings = {f"offering {name}": held for name, held in self.credit.offerings.items()}
        return {**actors, **contracts, **self._pooled(), **offerings, "DealDesk": self.credit.aid}

    def settlements(self) -> Sequence[Settlement]:
        return self.settled

    def snapshot(self) -> Snapshot:
        pending = dict.fromkeys((self.cycle, self.cycle + 1), 0)
        for queue in self.queues.values():
            for cycle in pending:
                pending[cycle] += queue.waiting.get(cycle, 0)
        gross, impairment = self.credit.book(self.time)
        assets, price = self._entry_assets(self.time), self._price(self.time)
        staking = StakingState(
            idle=self.idle,
            claimable=self.claimable,
            unvested=self._unvested(self.time),
            releasing=0,
            gross=self.gross + gross,
            impairment=impairment,
            deposit_assets=assets,
            exit_assets=self._assets(self.time),
            shares=self.shares,
            price_deposit=-(-WAD * (assets + VIRTUAL) // (self.shares + VIRTUAL)),
            price_exit=price,
            pending_active=pending[self.cycle],
            pending_next=pending[self.cycle + 1],
            cycle=self.cycle,
            in_window=self._in_window(),
            aid_held=self.idle + self.claimable,
        )
        return Snapshot(
            time=self.time,
            backing=self.backing(),
            coins={
                name: CoinState(
                    self.units[name],
                    self.units[name],
                    self.prices[name],
                    self._room("mint", name),
                    self._room("redeem", name),
                )
                for name in self.coins
            },
            vaults={
                name: VaultState(self.vault_shares[name], self._vault_units(name), self._index(name) // 10**6)
                for name in self.vault_terms
            },
            staking=staking,
            insurance=self.insurance,
            pools=self._pool_states(),
        )

    def network(self) -> Mapping[str, str | int]:
        return {"name": "in memory", "chain_id": 0, "block": 0}
