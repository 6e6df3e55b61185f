"""What users, keepers and the treasurer do at the Gateway."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.model.numbers import BPS, WAD
from tests.stateful.checks import Kind
from tests.stateful.machine import (
    CHOICE,
    COIN,
    COINS,
    DEMAND,
    OTHER,
    PARTS,
    PAUSE,
    USER,
    action,
    chosen,
    part,
)
from tests.stateful.world_rules import WorldRules

# Which coin loses its peg first, so that baskets open.
DEPEG = st.sampled_from([None, *COINS])


class GatewayRules(WorldRules):
    """The reserve's side."""

    @action(4, who=USER, coin=COIN, of=PARTS, to=OTHER, demand=DEMAND, pause=PAUSE)
    def mint(self, who, coin, of, to, demand, pause):
        now, to = self.at(pause), to or who
        tokens = self.model.gateway.coins[coin]
        units = part(tokens.token.of(who) // 4, of)
        price = min(WAD, tokens.quote(now)[0])
        least = 0 if demand is None else self._minted(coin, units, price) + demand
        self.act(
            "mint",
            who,
            self.contract("gateway").mint(self.address(coin), units, least, self.address(to)),
            lambda m, t: m.gateway.mint(t, who, coin, units, least, to),
            now,
        )

    def _minted(self, coin: str, units: int, price: int) -> int:
        tokens = self.model.gateway.coins[coin]
        fee = -(-units * tokens.mint_fee_bps // BPS)
        return tokens.minted(units - fee, price)

    @action(4, who=USER, coin=COIN, of=PARTS, to=OTHER, demand=DEMAND, pause=PAUSE)
    def redeem(self, who, coin, of, to, demand, pause):
        now, to = self.at(pause), to or who
        tokens = self.model.gateway.coins[coin]
        amount = part(self.model.aid.of(who), of)
        fee = -(-amount * tokens.redeem_fee_bps // BPS)
        least = 0 if demand is None else tokens.paid(amount - fee, tokens.quote(now)[0]) + demand
        self.act(
            "redeem",
            who,
            self.contract("gateway").redeem(self.address(coin), amount, least, self.address(to)),
            lambda m, t: m.gateway.redeem(t, who, coin, amount, least, to),
            now,
        )

    @action(3, who=USER, choice=CHOICE, of=PARTS, to=OTHER, depeg=DEPEG, demand=DEMAND, pause=PAUSE)
    def redeem_basket(self, who, choice, of, to, depeg, pause, demand=None):
        now = self.at(pause)
        if depeg:
            self.move_price(coin=depeg, price=90_000_000, pause=pause)
        blacklisted = sorted(self.model.gateway.coins["USDT"].token.blacklist)
        who = chosen(blacklisted, choice, who)
        to = to or who
        amount = part(self.model.aid.of(who), of)
        least: list[int] = []
        if demand is not None:
            gateway = self.model.gateway
            coins, shares = gateway.basket(amount, gateway.worth(now))
            least = [max(0, leg + demand) for leg in (*coins.values(), shares)]
        self.act(
            "redeem_basket",
            who,
            self.contract("gateway").redeem_basket(amount, least, self.address(to)),
            lambda m, t: m.gateway.redeem_basket(t, who, amount, least, to),
            now,
        )

    @action(1, who=USER, choice=CHOICE, name=st.sampled_from([*COINS, "TBILL"]), to=OTHER, pause=PAUSE)
    def claim_owed(self, who, choice, name, to, pause):
        owed = sorted(key for key, amount in self.model.gateway.owed.items() if amount)
        if owed and choice is not None:
            who, name = owed[choice % len(owed)]
        to = to or who
        self.act(
            "claim_owed",
            who,
            self.contract("gateway").claim_owed(self.address(name), self.address(to)),
            lambda m, t: m.gateway.claim_owed(t, who, name, to),
            self.at(pause),
        )

    @action(1, who=USER, coin=COIN, of=PARTS, pause=PAUSE)
    def recapitalise(self, who, coin, of, pause):
        units = part(self.model.gateway.coins[coin].token.of(who) // 1_000, of)
        self.act(
            "recapitalise",
            who,
            self.contract("gateway").recapitalise(self.address(coin), units),
            lambda m, _: m.gateway.recapitalise(who, coin, units),
            self.at(pause),
        )

    @action(2, who=USER, pause=PAUSE)
    def harvest(self, who, pause):
        self.act(
            "harvest",
            who,
            self.contract("gateway").harvest(),
            lambda m, t: m.harvest(t),
            self.at(pause),
            Kind.HARVEST,
        )

    @action(2, of=PARTS, pause=PAUSE)
    def allocate(self, of, pause):
        units = part(self.model.gateway.coins["USDC"].units, of)
        self.act(
            "allocate",
            "treasurer",
            self.contract("treasury").allocate(self.address("TBILL"), units),
            lambda m, t: m.gateway.allocate(t, units),
            self.at(pause),
            Kind.TREASURY,
        )

    @action(2, of=PARTS, pause=PAUSE)
    def deallocate(self, of, pause):
        shares = part(self.model.gateway.holding.shares, of)
        self.act(
            "deallocate",
            "treasurer",
            self.contract("treasury").deallocate(self.address("TBILL"), shares),
            lambda m, t: m.gateway.deallocate(t, shares),
            self.at(pause),
            Kind.TREASURY,
        )
