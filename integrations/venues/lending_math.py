"""What Morpho Blue computes, in Python integers and to the last unit: shares, interest, rates, liquidations.

Source: the formulas of Morpho Blue and of its adaptive-curve rate model. `_down` and `_up` say how a division
rounds; all other divisions round down, signed ones towards zero. Amounts are token units, rates are a second
and in WAD, prices are loan units for one collateral unit in 1e36.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from integrations.protocol.errors import RevertedError

WAD = 10**18
PRICE_SCALE = 10**36
YEAR = 365 * 86_400
#: What every market pretends to have besides, so that an empty one has a share price.
VIRTUAL_SHARES, VIRTUAL_ASSETS = 10**6, 1
MAX_AMOUNT = 2**128 - 1

#: Incentive of liquidators: 1 / (1 − CURSOR·(1 − LLTV)), at most MOST_INCENTIVE.
CURSOR, MOST_INCENTIVE = 3 * WAD // 10, 115 * WAD // 100

# the adaptive curve
TARGET = 9 * WAD // 10
STEEPNESS = 4 * WAD
SPEED = 50 * WAD // YEAR
INITIAL, LEAST_RATE, MOST_RATE = WAD * 4 // 100 // YEAR, WAD // 1_000 // YEAR, 2 * WAD // YEAR
LN2 = 693_147_180_559_945_309
#: ln(1e-18): less has an exponential of zero.
LEAST_EXPONENT = -41_446_531_673_892_822_312
#: Nothing above it occurs: at the highest speed, half a year without an accrual is 25.
MOST_EXPONENT = 93_859_467_695_000_404_319


def mul_div_down(a: int, b: int, c: int) -> int:
    """a·b/c, rounded down."""
    return a * b // c


def mul_div_up(a: int, b: int, c: int) -> int:
    """a·b/c, rounded up."""
    return -(-a * b // c)


def truncated(a: int, b: int) -> int:
    """a/b towards zero, as the EVM divides signed numbers."""
    return a // b if (a < 0) == (b < 0) else -(-a // b)


@dataclass(frozen=True)
class Pot:
    """Assets of one side of a market, and the shares in them.

    Attributes:
        assets: Loan units.
        shares: In existence.
    """

    assets: int
    shares: int

    def shares_down(self, assets: int) -> int:
        """Shares for assets, rounded down."""
        return mul_div_down(assets, self.shares + VIRTUAL_SHARES, self.assets + VIRTUAL_ASSETS)

    def shares_up(self, assets: int) -> int:
        """Shares for assets, rounded up."""
        return mul_div_up(assets, self.shares + VIRTUAL_SHARES, self.assets + VIRTUAL_ASSETS)

    def assets_down(self, shares: int) -> int:
        """Assets for shares, rounded down."""
        return mul_div_down(shares, self.assets + VIRTUAL_ASSETS, self.shares + VIRTUAL_SHARES)

    def assets_up(self, shares: int) -> int:
        """Assets for shares, rounded up."""
        return mul_div_up(shares, self.assets + VIRTUAL_ASSETS, self.shares + VIRTUAL_SHARES)

    def more(self, assets: int, shares: int) -> Pot:
        """The pot after a deposit; negative amounts take out, at most all assets.

        Raises:
            RevertedError: It does not fit into 128 bits, or there are fewer shares.
        """
        after = Pot(max(0, self.assets + assets), self.shares + shares)
        if after.shares < 0:
            raise RevertedError("")
        if max(after.assets, after.shares) > MAX_AMOUNT:
            raise RevertedError("max uint128 exceeded")
        return after


@dataclass(frozen=True)
class Liquidation:
    """What a liquidation moves.

    Attributes:
        seized: Collateral that the liquidator gets.
        repaid: Loan that he pays.
        repaid_shares: Debt shares that this takes away.
        bad_debt: Loan that nobody owes any more: suppliers lose it.
    """

    seized: int
    repaid: int
    repaid_shares: int
    bad_debt: int


@dataclass(frozen=True)
class LendingState:
    """A market's totals, as of its last accrual.

    Attributes:
        supply: What is supplied.
        debt: What is owed.
        time: Of the last accrual, Unix.
        fee: Part of the interest that is the fee recipient's, WAD.
        rate_at_target: Of the adaptive curve; None where no interest is charged.
    """

    supply: Pot
    debt: Pot
    time: int
    fee: int = 0
    rate_at_target: int | None = INITIAL

    @property
    def utilisation(self) -> int:
        """Part of what is supplied that is owed, WAD, rounded down."""
        return self.debt.assets * WAD // self.supply.assets if self.supply.assets else 0

    def rates(self, now: int) -> tuple[int, int | None]:
        """Average borrow rate since the last accrual, and the rate at target of now."""
        if self.rate_at_target is None:
            return 0, None
        return adaptive_rates(self.utilisation, self.rate_at_target, now - self.time)

    def accrued(self, now: int) -> LendingState:
        """The market after an accrual at `now`."""
        if now == self.time:
            return self
        rate, at_target = self.rates(now)
        interest = self.debt.assets * compounded(rate, now - self.time) // WAD
        supply = self.supply.more(interest, 0)
        fee = interest * self.fee // WAD
        fee_shares = Pot(supply.assets - fee, supply.shares).shares_down(fee)
        return LendingState(supply.more(0, fee_shares), self.debt.more(interest, 0), now, self.fee, at_target)

    def supplied(self, assets: int = 0, shares: int = 0) -> tuple[LendingState, int, int]:
        """After a supply of exactly one of these: the market, and both amounts."""
        if _one(assets, shares):
            shares = self.supply.shares_down(assets)
        else:
            assets = self.supply.assets_up(shares)
        return replace(self, supply=self.supply.more(assets, shares)), assets, shares

    def withdrawn(self, assets: int = 0, shares: int = 0) -> tuple[LendingState, int, int]:
        """After a withdrawal of exactly one of these: the market, and both amounts.

        Raises:
            RevertedError: `insufficient liquidity`.
        """
        if _one(assets, shares):
            shares = self.supply.shares_up(assets)
        else:
            assets = self.supply.assets_down(shares)
        if assets > self.supply.assets:
            raise RevertedError("")
        return replace(self, supply=self.supply.more(-assets, -shares))._liquid(), assets, shares

    def borrowed(self, assets: int = 0, shares: int = 0) -> tuple[LendingState, int, int]:
        """After a loan of exactly one of these: the market, and both amounts.

        Raises:
            RevertedError: `insufficient liquidity`.
        """
        if _one(assets, shares):
            shares = self.debt.shares_up(assets)
        else:
            assets = self.debt.assets_down(shares)
        return replace(self, debt=self.debt.more(assets, shares))._liquid(), assets, shares

    def repaid(self, assets: int = 0, shares: int = 0) -> tuple[LendingState, int, int]:
        """After a repayment of exactly one of these: the market, and both amounts."""
        if _one(assets, shares):
            shares = self.debt.shares_down(assets)
        else:
            assets = self.debt.assets_up(shares)
        return replace(self, debt=self.debt.more(-assets, -shares)), assets, shares

    def liquidated(
        self, collateral: int, debt_shares: int, price: int, lltv: int, seized: int = 0, shares: int = 0
    ) -> tuple[LendingState, Liquidation]:
        """After a liquidation that seizes `seized` collateral, or repays `shares` of the debt.

        Args:
            collateral: The borrower's.
            debt_shares: The borrower's.
            price: Of the collateral, 1e36.
            lltv: Liquidation threshold, WAD.
            seized: Collateral units, or zero.
            shares: Debt shares, or zero.

        Raises:
            RevertedError: `position is healthy`, `inconsistent input`, or more than the position has.
        """
        by_seizure = _one(seized, shares)
        if healthy(collateral, self.debt.assets_up(debt_shares), price, lltv):
            raise RevertedError("position is healthy")
        if by_seizure:
            quoted = mul_div_up(seized, price, PRICE_SCALE)
            shares = self.debt.shares_up(mul_div_up(quoted, WAD, incentive_of(lltv)))
        else:
            seized = seized_for(self.debt.assets_down(shares), price, lltv)
        if seized > collateral or shares > debt_shares:
            raise RevertedError("")
        repaid = self.debt.assets_up(shares)
        state = replace(self, debt=self.debt.more(-repaid, -shares))
        bad_debt = 0
        if seized == collateral:
            left = debt_shares - shares
            bad_debt = min(state.debt.assets, state.debt.assets_up(left))
            state = replace(
                state, debt=state.debt.more(-bad_debt, -left), supply=state.supply.more(-bad_debt, 0)
            )
        return state, Liquidation(seized, repaid, shares, bad_debt)

    def _liquid(self) -> LendingState:
        if self.debt.assets > self.supply.assets:
            raise RevertedError("insufficient liquidity")
        return self


def debt_limit(collateral: int, price: int, lltv: int) -> int:
    """The most debt with which a position is healthy, loan units, rounded down."""
    return collateral * price // PRICE_SCALE * lltv // WAD


def healthy(collateral: int, debt: int, price: int, lltv: int) -> bool:
    """Whether a position cannot be liquidated."""
    return debt <= debt_limit(collateral, price, lltv)


def incentive_of(lltv: int) -> int:
    """What a liquidator gets for one repaid, WAD."""
    return min(MOST_INCENTIVE, WAD * WAD // (WAD - CURSOR * (WAD - lltv) // WAD))


def seized_for(assets: int, price: int, lltv: int) -> int:
    """Collateral units that repaying `assets` of a debt seizes, rounded down.

    Raises:
        RevertedError: The collateral is worth nothing.
    """
    if not price:
        raise RevertedError("")
    return mul_div_down(assets * incentive_of(lltv) // WAD, PRICE_SCALE, price)


def compounded(rate: int, seconds: int) -> int:
    """e^(rate·seconds) − 1 by its first three terms, WAD."""
    first = rate * seconds
    second = first * first // (2 * WAD)
    return first + second + second * first // (3 * WAD)


def exponential(x: int) -> int:
    """e^x as 2^q·(1 + r + r²/2), WAD: what the adaptive curve takes it for, up to 0.8 % off."""
    if x < LEAST_EXPONENT:
        return 0
    if x >= MOST_EXPONENT:
        raise OverflowError("exponent")
    half = LN2 // 2 if x >= 0 else -(LN2 // 2)
    q = truncated(x + half, LN2)
    r = x - q * LN2
    root = WAD + r + r * r // WAD // 2
    return root << q if q >= 0 else root >> -q


def adaptive_rates(utilisation: int, start: int, seconds: int) -> tuple[int, int]:
    """Borrow rates of the adaptive curve.

    Args:
        utilisation: At the last accrual, WAD.
        start: Rate at target then; zero before the market's creation.
        seconds: Since then.

    Returns:
        The average borrow rate of the time since, and the rate at target of now.
    """
    room = WAD - TARGET if utilisation > TARGET else TARGET
    error = truncated((utilisation - TARGET) * WAD, room)
    average = end = start or INITIAL
    growth = truncated(SPEED * error, WAD) * seconds
    if start and growth:
        end = _moved(start, growth)
        average = (start + end + 2 * _moved(start, truncated(growth, 2))) // 4
    slope = WAD - WAD * WAD // STEEPNESS if error < 0 else STEEPNESS - WAD
    return (truncated(slope * error, WAD) + WAD) * average // WAD, end


def _moved(start: int, growth: int) -> int:
    return min(max(start * exponential(growth) // WAD, LEAST_RATE), MOST_RATE)


def _one(assets: int, shares: int) -> bool:
    """Whether it is the assets that are given.

    Raises:
        RevertedError: `inconsistent input`: both or none are.
    """
    if (assets == 0) == (shares == 0):
        raise RevertedError("inconsistent input")
    return bool(assets)
