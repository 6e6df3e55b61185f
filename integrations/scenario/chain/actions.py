"""What actors and those with a role do, each as one transaction of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ...venues import LiquidityVenue, SwapVenue
from ..model import Scenario
from ..units import WAD
from ..venues import has_ranges
from ..world import AID, SAID, PoolTerms, Reverted, Switch
from .credit import ChainDesk
from .installation import Installation, publish
from .node import Node
from .pools import Pools
from .venues import ChainVenues


class Actions:
    """The actions of `World`. What a contract refuses raises `Reverted` and changes nothing."""

    def __init__(
        self,
        scenario: Scenario,
        node: Node,
        installation: Installation,
        venues: Mapping[str, str] | None = None,
    ) -> None:
        self._scenario = scenario
        self._node = node
        self._at = installation
        self._people = installation.people
        protocol = installation.protocol
        self._gateway, self._staked, self._aid = protocol.gateway, protocol.staked_aid, protocol.aid
        self._debts: Counter[str] = Counter()
        self._tokens: dict[str, Any] = {
            **installation.coins,
            **installation.vaults,
            AID: self._aid,
            SAID: self._staked,
        }
        self._pools = Pools(scenario, node, installation, self._tokens)
        self._venues = (
            ChainVenues(scenario, node, installation, self._tokens, self._pools, venues) if venues else None
        )
        self._desk = (
            ChainDesk(scenario, node, installation, self._tokens)
            if scenario.portfolio.kind == "deals"
            else None
        )

    def _act(self, method: Any, *arguments: Any, sender: Any) -> Any:
        return self._node.act(method, *arguments, sender=sender)

    def _by(self, who: str, method: Any, *arguments: Any) -> Any:
        return self._act(method, *arguments, sender=self._at.actors[who])

    def _address(self, who: str) -> str:
        return str(self._at.actors[who].address)

    # -- clock and feeds

    def now(self) -> int:
        """See `World`."""
        return self._node.time

    def travel_to(self, timestamp: int) -> None:
        """See `World`."""
        self._node.move_to(timestamp)

    def publish_price(self, coin: str, price: int) -> None:
        """See `World`."""
        publish(self._node, self._at.feeds[coin], price, self._people.keeper)

    # -- gateway

    def mint(self, who: str, coin: str, units: int, min_out: int) -> int:
        """See `World`."""
        return int(self._by(who, self._gateway.mint, self._at.coins[coin].address, units, min_out))

    def redeem(self, who: str, coin: str, aid: int, min_out: int) -> int:
        """See `World`."""
        return int(self._by(who, self._gateway.redeem, self._at.coins[coin].address, aid, min_out))

    def redeem_basket(self, who: str, aid: int) -> Mapping[str, int]:
        """See `World`."""
        legs = self._by(who, self._gateway.redeem_basket, aid, [])
        return dict(zip([*self._at.coins, *self._at.vaults], map(int, legs), strict=True))

    def redeem_vault(self, who: str, vault: str, shares: int) -> int:
        """See `World`."""
        me = self._address(who)
        return int(self._by(who, self._at.vaults[vault].redeem, shares, me, me))

    def recapitalise(self, who: str, coin: str, units: int) -> None:
        """See `World`."""
        self._by(who, self._gateway.recapitalise, self._at.coins[coin].address, units)

    def harvest(self, who: str | None) -> int:
        """See `World`."""
        sender = self._people.keeper if who is None else self._at.actors[who]
        return int(self._act(self._gateway.harvest, sender=sender))

    def allocate(self, vault: str, units: int) -> int:
        """See `World`."""
        address = self._at.vaults[vault].address
        invest = self._at.protocol.treasury.allocate
        return int(self._act(invest, address, units, sender=self._people.treasurer))

    def deallocate(self, vault: str, units: int | None) -> int:
        """See `World`."""
        token = self._at.vaults[vault]
        if units is None:
            shares = self._node.call(self._at.protocol.configurator.vault_position, token.address)[0]
        else:
            shares = self._node.call(token.previewWithdraw, units)
        divest = self._at.protocol.treasury.deallocate
        paid = self._act(divest, token.address, shares, sender=self._people.treasurer)
        return int(paid)

    # -- staking

    def deposit(self, who: str, aid: int, min_shares: int) -> int:
        """See `World`."""
        return int(self._by(who, self._staked.deposit, aid, self._address(who), min_shares))

    def request(self, who: str, shares: int) -> int:
        """See `World`."""
        me = self._address(who)
        before = self._node.call(self._staked.position, me)
        self._by(who, self._staked.requestRedeem, shares, me, me)
        active, active_cycle, _, upcoming_cycle, *_ = self._node.call(self._staked.position, me)
        return int(active_cycle if active > before[0] else upcoming_cycle)

    def cancel(self, who: str) -> int:
        """See `World`."""
        me = self._address(who)
        return int(self._by(who, self._staked.cancel_request, me, me))

    def claim(self, who: str) -> int:
        """See `World`."""
        me = self._address(who)
        return int(self._by(who, self._staked.claim, me, me))

    def sync(self) -> None:
        """See `World`."""
        self._act(self._staked.sync, sender=self._people.keeper)

    # -- pools

    def create_pool(self, name: str, terms: PoolTerms) -> None:
        """See `World`."""
        self._tokens[name] = self._pools.create(name, terms)

    def venue(self, name: str) -> SwapVenue:
        """See `World`."""
        return self.venues.ranges(name) if has_ranges(name) else self._pools.venues[name]

    def liquidity(self, name: str) -> LiquidityVenue:
        """See `World`."""
        return self._pools.venues[name]

    @property
    def venues(self) -> ChainVenues:
        """See `World`."""
        if self._venues is None:
            raise Reverted("no venues")
        return self._venues

    def account(self, who: str) -> Any:
        """See `World`."""
        return self._at.actors[who]

    # -- tokens

    def transfer(self, token: str, who: str, to: str, amount: int) -> None:
        """See `World`."""
        self._by(who, self._tokens[token].transfer, self._address(to), amount)

    # -- authority

    def set_kyc(self, who: str, valid_until: int) -> None:
        """See `World`."""
        allowlist = self._at.protocol.allowlist
        self._act(allowlist.set_kyc, self._address(who), valid_until, sender=self._people.compliance)

    def deny(self, who: str) -> None:
        """See `World`."""
        self._act(self._aid.deny, self._address(who), sender=self._people.compliance)

    def allow(self, who: str) -> None:
        """See `World`."""
        self._act(self._aid.allow, self._address(who), sender=self._people.compliance)

    def pause(self, switch: Switch) -> None:
        """See `World`."""
        self._switch(switch, paused=True, sender=self._people.guardian)

    def unpause(self, switch: Switch) -> None:
        """See `World`."""
        self._switch(switch, paused=False, sender=self._people.governor)

    def _switch(self, switch: Switch, *, paused: bool, sender: Any) -> None:
        if switch == "deposits":
            cap, _ = self._node.call(self._staked.deposit_limits)
            self._act(self._staked.set_deposit_limits, cap, paused, sender=sender)
            return
        configurator = self._at.protocol.configurator
        pause, unpause = {
            "aid": (self._aid.pause, self._aid.unpause),
            "mint": (configurator.pause_mint, configurator.unpause_mint),
            "redeem": (configurator.pause_redeem, configurator.unpause_redeem),
        }[switch]
        self._act(pause if paused else unpause, sender=sender)

    # -- credit

    @property
    def credit(self) -> ChainDesk:
        """See `World`."""
        assert self._desk is not None, "the scenario has no credit desk"
        return self._desk

    def lend(self, to: str, coin: str, aid: int) -> int:
        """See `World`."""
        terms = (aid, 0, self._at.coins[coin].address, self._address(to))
        units = self._act(self._at.portfolio.fund_and_redeem, *terms, sender=self._people.keeper)
        self._debts[to] += aid
        return int(units)

    def repay(self, who: str, coin: str, principal: int, income: int) -> int:
        """See `World`. A coin below par discharges less principal; one that would be escrowed is kept."""
        scale = int(10 ** (18 - self._scenario.decimals(coin)))
        if principal * scale > self._debts[who]:
            raise Reverted("too much")
        price, _ = self._node.call(self._gateway.price_of, self._at.coins[coin].address)
        worth = (principal + income) * scale * min(WAD, price) // WAD
        discharged = min(principal * scale, worth)
        payment = (self._at.coins[coin].address, principal + income, discharged, worth - discharged)
        _, escrow = self._node.call(self._at.portfolio.pay, *payment, sender=self._at.actors[who])
        if escrow:
            raise Reverted("would be escrowed")
        minted, _ = self._by(who, self._at.portfolio.pay, *payment)
        self._debts[who] -= discharged
        return int(minted)

    def write_off(self, who: str, aid: int) -> None:
        """See `World`."""
        if aid > self._debts[who]:
            raise Reverted("too much")
        self._act(self._at.portfolio.resolve, aid, 0, 0, 0, aid, sender=self._people.keeper)
        self._debts[who] -= aid

    def contribute(self, who: str, aid: int) -> None:
        """See `World`."""
        self._by(who, self._at.protocol.insurance.contribute, aid)
