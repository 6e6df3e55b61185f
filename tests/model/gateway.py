"""The Gateway: AID for coins and back, the treasurer's moves, the credit lane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.model.numbers import BPS, WAD, RefusedError, ceil_div, require
from tests.model.reserve import Coin, Reserve, Worth
from tests.model.tokens import Token, pulled

CREDIT_BAND_BPS = 25


@dataclass
class Gateway(Reserve):
    kyc: dict[str, int] = field(default_factory=dict)  # expiry

    def know(self, now: int, account: str) -> None:
        require(self.kyc.get(account, 0) >= now, "kyc required")

    # users

    def mint(self, now: int, caller: str, name: str, amount: int, min_out: int, receiver: str) -> int:
        require(amount != 0, "zero amount")
        self.know(now, caller)
        if receiver != caller:
            self.aid.check(caller)
        coin = self.coins[name]
        before = self.worth(now)
        require(not coin.mint_paused, "mint paused")
        price, fresh = coin.quote(now)
        require(fresh, "stale price")
        require(coin.within(price, coin.band_bps), "price out of band")
        require(not before.deficit, "deficit")
        held = self.position(coin, now)
        units = pulled(coin.token, caller, "gateway", amount)
        fee = ceil_div(units * coin.mint_fee_bps, BPS)
        out = coin.minted(units - fee, price)
        self._check_out(out, min_out)
        require(held + units <= coin.cap * 10**coin.decimals, "asset cap")
        require(before.supply + out <= self.total_cap * WAD, "total cap")
        coin.units += units
        coin.fees += fee
        coin.flow_in(now, out)
        self.aid.mint(receiver, out)
        return out

    def redeem(self, now: int, caller: str, name: str, amount: int, min_out: int, receiver: str) -> int:
        require(amount != 0, "zero amount")
        self._check_leaver(now, caller, receiver)
        coin = self.coins[name]
        self._check_normal(now, coin)
        price, _ = coin.quote(now)
        net = amount - ceil_div(amount * coin.redeem_fee_bps, BPS)
        units = coin.paid(net, price)
        self._check_out(units, min_out)
        coin.debit(units)
        coin.fees += coin.paid(amount, price) - units
        coin.flow_out(now, amount)
        self.aid.burn(caller, amount)
        pulled(coin.token, "gateway", receiver, units)
        return units

    def redeem_basket(self, now: int, caller: str, amount: int, min_outs: list[int], receiver: str) -> None:
        require(amount != 0, "zero amount")
        self._check_leaver(now, caller, receiver)
        w = self.worth(now)
        require(w.deficit or w.closed, "not deficit")
        coins, shares = self.basket(amount, w)
        legs = [*coins.values(), shares]
        require(len(min_outs) in (0, len(legs)), "min outs")
        require(not min_outs or all(map(int.__ge__, legs, min_outs)), "min out")
        for name, units in coins.items():
            self.coins[name].debit(units)
        self.holding.remove(shares)
        self.aid.burn(caller, amount)
        for name, units in coins.items():
            self._deliver(self.coins[name].token, name, caller, receiver, units)
        self._deliver(self.holding.vault.shares, "TBILL", caller, receiver, shares)

    def claim_owed(self, now: int, caller: str, name: str, receiver: str) -> int:
        self._check_leaver(now, caller, receiver)
        self.aid.check(caller)
        amount = self.owed.get((caller, name), 0)
        require(amount != 0, "nothing owed")
        self._reserve(caller, name, -amount)
        pulled(self._token(name), "gateway", receiver, amount)
        return amount

    def recapitalise(self, caller: str, name: str, amount: int) -> None:
        require(amount != 0, "zero amount")
        coin = self.coins[name]
        require(not coin.mint_paused, "mint paused")
        coin.units += pulled(coin.token, caller, "gateway", amount)

    def pause(self, caller: str, name: str, mint: bool, redeem: bool) -> None:
        """The guardian closes; the governor also opens."""
        coin = self.coins[name]
        opens = (coin.mint_paused and not mint) or (coin.redeem_paused and not redeem)
        require(caller == "governor" or not opens, "guardian may only tighten")
        coin.mint_paused, coin.redeem_paused = mint, redeem

    # keepers and the treasurer

    def harvest(self, now: int, sync: Callable[[], None], book: Callable[[int], None]) -> int:
        sync()
        minted = self.surplus(self.worth(now))
        require(minted != 0, "nothing to harvest")
        self.holding.roll(now, self.growth_bps)
        self.aid.mint("vault", minted)
        book(minted)
        return minted

    def allocate(self, now: int, units: int) -> None:
        require(units != 0, "zero amount")
        holding, coin = self.holding, self.coins[self.holding.coin]
        before = self.worth(now)
        coin.debit(units)
        holding.roll(now, self.growth_bps)
        holding.shares += holding.vault.deposit(now, "gateway", units)
        holding.book += units
        self._check_no_loss(now, coin, before)
        liquid = coin.units * BPS >= self.position(coin, now) * self.liquid_floor_bps
        require(liquid, "liquid floor")
        require(holding.book <= holding.cap * 10**coin.decimals, "vault cap")

    def deallocate(self, now: int, shares: int) -> None:
        require(shares != 0, "zero amount")
        holding, coin = self.holding, self.coins[self.holding.coin]
        before = self.worth(now)
        holding.roll(now, self.growth_bps)
        holding.remove(shares)
        coin.units += holding.vault.redeem(now, "gateway", shares)
        self._check_no_loss(now, coin, before)

    # the credit lane

    def credit_redeem(self, now: int, name: str, amount: int, receiver: str) -> int:
        require(amount != 0, "zero amount")
        self.aid.check(receiver)
        coin = self.coins[name]
        self._check_normal(now, coin)
        price, _ = coin.quote(now)
        require(coin.within(price, CREDIT_BAND_BPS), "price out of band")
        units = coin.paid(amount, price)
        position = self.position(coin, now) - units
        coin.debit(units)
        require(coin.units * BPS >= position * self.liquid_floor_bps, "liquid floor")
        self.aid.burn("desk", amount)
        pulled(coin.token, "gateway", receiver, units)
        return units

    def credit_repay(self, now: int, name: str, payer: str, units: int) -> int | None:
        """What is minted to the desk; None if the units wait in escrow."""
        require(units != 0, "zero amount")
        coin = self.coins[name]
        price, fresh = coin.quote(now)
        units = coin.token.move(payer, "gateway", units)
        if not (fresh and coin.within(price, coin.band_bps)):
            self.escrows.append((name, units))
            coin.reserved += units
            self.events["repayment escrowed"] += 1
            return None
        coin.units += units
        minted = coin.minted(units, price)
        self.aid.mint("desk", minted)
        return minted

    def convert_escrow(self, now: int, escrow: int) -> None:
        require(0 < escrow <= len(self.escrows) and self.escrows[escrow - 1][1] != 0, "unknown escrow")
        name, units = self.escrows[escrow - 1]
        coin = self.coins[name]
        price, fresh = coin.quote(now)
        require(fresh, "stale price")
        require(coin.within(price, coin.band_bps), "price out of band")
        self.escrows[escrow - 1] = (name, 0)
        coin.reserved -= units
        coin.units += units
        self.aid.mint("desk", coin.minted(units, price))

    def _check_leaver(self, now: int, caller: str, receiver: str) -> None:
        self.know(now, caller)
        if receiver != caller:
            self.know(now, receiver)
            self.aid.check(receiver)

    def _check_normal(self, now: int, coin: Coin) -> None:
        require(not coin.redeem_paused, "redeem paused")
        require(not self.worth(now).deficit, "deficit")
        require(coin.quote(now)[1], "stale price")

    def _check_out(self, out: int, min_out: int) -> None:
        require(out != 0, "zero amount")
        require(out >= min_out, "min out")

    def _check_no_loss(self, now: int, coin: Coin, before: Worth) -> None:
        par = self.worth(now).par
        kept = par + coin.scale >= before.par and par >= min(before.par, before.supply)
        require(kept, "allocation loss")

    def _token(self, name: str) -> Token:
        return self.holding.vault.shares if name == "TBILL" else self.coins[name].token

    def _deliver(self, token: Token, name: str, caller: str, receiver: str, amount: int) -> None:
        try:
            token.move("gateway", receiver, amount)
        except RefusedError:
            if amount:
                self._reserve(caller, name, amount)
                self.events["leg kept"] += 1

    def _reserve(self, account: str, name: str, amount: int) -> None:
        self.owed[account, name] = self.owed.get((account, name), 0) + amount
        if name == "TBILL":
            self.holding.reserved += amount
        else:
            self.coins[name].reserved += amount
