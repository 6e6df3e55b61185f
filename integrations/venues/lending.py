"""What every isolated lending market can do, and the plain data that it answers with.

A venue is one market: one coin is lent against one collateral, at one oracle, rate model and liquidation
threshold. Amounts are integers in token units. A market counts what is supplied and owed in shares, whose
worth grows with interest; an action takes assets or shares, never both. Reasons of refusals are those of
Morpho Blue: `insufficient collateral`, `insufficient liquidity`, `position is healthy`, `unauthorized`,
`inconsistent input`, `zero assets`, `signature expired`, `invalid signature`, `invalid nonce`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from integrations.venues.lending_math import PRICE_SCALE, WAD, YEAR, debt_limit
from integrations.venues.swap import Coin

#: Health of a position without debt.
NO_DEBT = 2**256 - 1


@dataclass(frozen=True)
class LendingTerms:
    """What a market is, for ever.

    Attributes:
        name: Its id.
        loan: What is lent.
        collateral: What is lent against.
        oracle: Address of what tells the collateral's price.
        rate_model: Address of what tells the borrow rate.
        lltv: Debt per value of collateral above which a position is liquidated, WAD.
    """

    name: str
    loan: Coin
    collateral: Coin
    oracle: str
    rate_model: str
    lltv: int


@dataclass(frozen=True)
class LendingView:
    """A market at one moment, interest included.

    Attributes:
        time: Unix time.
        supplied: Loan units that belong to suppliers.
        supply_shares: In existence.
        owed: Loan units that borrowers owe.
        debt_shares: In existence.
        held: Loan units that the venue has; where markets share a vault, of all of them.
        price: Loan units for one collateral unit, 1e36; None if the oracle refuses to tell.
        borrow_rate: Average since the last accrual, a second, WAD.
        fee: Part of the interest that suppliers do not get, WAD.
    """

    time: int
    supplied: int
    supply_shares: int
    owed: int
    debt_shares: int
    held: int
    price: int | None
    borrow_rate: int
    fee: int

    @property
    def liquidity(self) -> int:
        """Loan units that can be borrowed or withdrawn now."""
        return self.supplied - self.owed

    @property
    def utilisation(self) -> int:
        """Part of what is supplied that is owed, WAD."""
        return self.owed * WAD // self.supplied if self.supplied else 0

    @property
    def borrow_apr(self) -> int:
        """Borrow rate of a year without compounding, WAD."""
        return self.borrow_rate * YEAR

    @property
    def supply_apr(self) -> int:
        """What suppliers get of it, WAD."""
        return self.borrow_apr * self.utilisation // WAD * (WAD - self.fee) // WAD


@dataclass(frozen=True)
class LendingPosition:
    """What an account has in a market at one moment, interest included.

    Attributes:
        owner: Its address.
        supplied: Loan units that a withdrawal would pay, rounded down.
        supply_shares: Of these.
        collateral: Collateral units.
        debt: Loan units that a repayment would take, rounded up.
        debt_shares: Of these.
        price: Of the collateral, 1e36; None if the oracle refuses to tell.
        lltv: Of the market, WAD.
    """

    owner: str
    supplied: int
    supply_shares: int
    collateral: int
    debt: int
    debt_shares: int
    price: int | None
    lltv: int

    @property
    def limit(self) -> int:
        """The most debt with which the position is healthy; zero without a price."""
        return debt_limit(self.collateral, self.price or 0, self.lltv)

    @property
    def room(self) -> int:
        """Loan units that could still be borrowed, as far as the collateral goes."""
        return max(0, self.limit - self.debt)

    @property
    def health(self) -> int:
        """Limit over debt, WAD, rounded down: below 1 it can be liquidated. `NO_DEBT` without debt."""
        return self.limit * WAD // self.debt if self.debt else NO_DEBT

    @property
    def ltv(self) -> int:
        """Debt over the collateral's value, WAD, rounded up; zero without debt, `NO_DEBT` without a value."""
        if not self.debt:
            return 0
        value = self.collateral * (self.price or 0) // PRICE_SCALE
        return -(-self.debt * WAD // value) if value else NO_DEBT


@dataclass(frozen=True)
class LiquidationQuote:
    """What a liquidation would do now.

    Attributes:
        borrower: Address of whose position it is.
        seized: Collateral units received.
        repaid: Loan units paid.
        repaid_shares: Debt shares that this takes away.
        bad_debt: Loan units that suppliers lose with it.
        by_shares: Whether `repaid_shares` is what was asked for, and `seized` what it brings.
    """

    borrower: str
    seized: int
    repaid: int
    repaid_shares: int
    bad_debt: int
    by_shares: bool


@dataclass(frozen=True)
class SignedAuthorisation:
    """An owner's signed word that an operator may act for him, or no longer.

    Attributes:
        owner: Who signs.
        operator: Who may act.
        allowed: Whether he may.
        nonce: The owner's; each signed authorisation uses one up.
        deadline: Last second in which it may be brought.
        v: Of the signature.
        r: Of the signature.
        s: Of the signature.
    """

    owner: str
    operator: str
    allowed: bool
    nonce: int
    deadline: int
    v: int
    r: bytes
    s: bytes


@dataclass(frozen=True)
class LendingFill:
    """A transaction that went through.

    Attributes:
        action: Name of the venue's method.
        given: What left the account, by symbol.
        received: What arrived.
        shares: The owner's supply or debt shares, whichever the action is about; negative if they went.
        gas: Of the transaction itself, approvals apart; zero where there is no chain.
        transaction: Its hash; empty where there is no chain.
    """

    action: str
    given: Mapping[str, int]
    received: Mapping[str, int]
    shares: int = 0
    gas: int = 0
    transaction: str = ""


class LendingVenue(Protocol):
    """One market. Whatever is refused raises `RevertedError` with the market's reason, and changes nothing.

    `owner` is whose position an action is about; the account's own by default. Taking out of another's
    position needs his authorisation, paying into it does not. `deadline` is the last Unix time; 20 minutes
    from now by default. No more is approved than the action takes, and nothing stays approved.
    """

    @property
    def terms(self) -> LendingTerms:
        """What the market is."""
        ...

    def view(self, at: int | None = None) -> LendingView:
        """The market now, or as it will be at a later time if nothing happens (at the price of now)."""
        ...

    def position(self, owner: Any, at: int | None = None) -> LendingPosition:
        """What an account (or an address) has, now or later."""
        ...

    def supply(
        self,
        account: Any,
        assets: int = 0,
        *,
        shares: int = 0,
        owner: Any = None,
        deadline: int | None = None,
    ) -> LendingFill:
        """Lend."""
        ...

    def withdraw(
        self,
        account: Any,
        assets: int = 0,
        *,
        shares: int = 0,
        owner: Any = None,
        deadline: int | None = None,
    ) -> LendingFill:
        """Take back what was lent; the account receives it."""
        ...

    def supply_collateral(
        self, account: Any, assets: int, *, owner: Any = None, deadline: int | None = None
    ) -> LendingFill:
        """Pledge."""
        ...

    def withdraw_collateral(
        self, account: Any, assets: int, *, owner: Any = None, deadline: int | None = None
    ) -> LendingFill:
        """Take back what was pledged; the account receives it."""
        ...

    def borrow(
        self,
        account: Any,
        assets: int = 0,
        *,
        shares: int = 0,
        owner: Any = None,
        deadline: int | None = None,
    ) -> LendingFill:
        """Take a loan; the account receives it."""
        ...

    def repay(
        self,
        account: Any,
        assets: int = 0,
        *,
        shares: int = 0,
        owner: Any = None,
        deadline: int | None = None,
    ) -> LendingFill:
        """Pay back: an amount, or shares; all of `position(owner).debt_shares` leaves nothing."""
        ...

    def quote_liquidation(self, borrower: Any, seized: int = 0, *, shares: int = 0) -> LiquidationQuote:
        """What seizing so much collateral, or repaying so many debt shares, would take and pay now.

        With neither, the most there is: all debt, or all collateral if that is worth less.
        """
        ...

    def liquidate(
        self, account: Any, quote: LiquidationQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> LendingFill:
        """Liquidate as quoted: what was asked for exactly, the other amount within the slippage.

        Raises:
            RevertedError: `max in` or `min out`: it would cost more, or bring less.
        """
        ...

    def authorise(self, account: Any, operator: Any, allowed: bool = True) -> LendingFill:
        """Let an operator act for the account in all markets of the venue, or no longer."""
        ...

    def is_authorised(self, owner: Any, operator: Any) -> bool:
        """Whether an operator may act for an owner."""
        ...

    def sign_authorisation(
        self, account: Any, operator: Any, allowed: bool = True, deadline: int | None = None
    ) -> SignedAuthorisation:
        """The same as a signature that anybody may bring."""
        ...

    def authorise_signed(self, account: Any, signed: SignedAuthorisation) -> LendingFill:
        """Bring a signed authorisation; `account` only pays for it."""
        ...

    def accrue(self, account: Any) -> LendingFill:
        """Book the interest up to now. Every other action but pledging does it too."""
        ...
