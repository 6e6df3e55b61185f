"""Markets of Morpho Blue: made, checked, used and predicted.

Morpho knows neither slippage nor deadlines. The adapter checks deadlines before it sends, predicts with the
market's own arithmetic what an action takes, and approves that and no more: what repaying or supplying
*shares* costs grows by the second, so that much is approved as it costs at the deadline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_account.messages import encode_typed_data

from integrations.protocol.errors import AccountError, RevertedError
from integrations.venues.access import Access, ApeAccess, Read
from integrations.venues.contracts import venue_contract
from integrations.venues.errors import UnknownMarketError
from integrations.venues.lending import (
    LendingFill,
    LendingPosition,
    LendingTerms,
    LendingView,
    LiquidationQuote,
    SignedAuthorisation,
)
from integrations.venues.lending_math import LendingState, Liquidation, Pot, seized_for
from integrations.venues.morpho_terms import MarketParams, authorisation_document
from integrations.venues.swap import PATIENCE, Coin, flows, less, more
from integrations.venues.tokens import address_of, allowances, erc20

ZERO = "0x" + "00" * 20


class MorphoMarket:
    """Implements `LendingVenue`. Make one with `of` or `at`, which check that Morpho knows the market.

    Args:
        blue: Morpho Blue as an Ape contract.
        params: The market.
        terms: The same, with both coins.
        rate_model: Its rate model as an Ape contract; None if it charges no interest.
        access: The chain.
    """

    def __init__(
        self, blue: Any, params: MarketParams, terms: LendingTerms, rate_model: Any, access: Access
    ) -> None:
        self.contract = blue
        self.params = params
        self._terms = terms
        self._rate_model = rate_model
        self._access = access
        self._tokens = {coin.symbol: erc20(coin.address) for coin in (terms.loan, terms.collateral)}
        self._oracle = venue_contract("morpho.oracle", params.oracle)

    @classmethod
    def create(
        cls, account: Any, blue: str, params: MarketParams, access: Access | None = None
    ) -> MorphoMarket:
        """Make a market; anyone may.

        Args:
            account: Who pays for it.
            blue: Address of Morpho Blue.
            params: The market; rate model and threshold must be enabled there.
            access: The chain; the connected one, through Ape, by default.

        Raises:
            RevertedError: `IRM not enabled`, `LLTV not enabled`, `market already created`.
        """
        access = access or ApeAccess()
        access.send(account, venue_contract("morpho.blue", blue).createMarket, tuple(params))
        return cls.of(blue, params, access)

    @classmethod
    def of(cls, blue: str, params: MarketParams, access: Access | None = None) -> MorphoMarket:
        """The market with these parameters.

        Raises:
            UnknownMarketError: Nobody has made it.
        """
        return cls.at(blue, params.id, access)

    @classmethod
    def at(cls, blue: str, market: bytes, access: Access | None = None) -> MorphoMarket:
        """The market of an id.

        Args:
            blue: Address of Morpho Blue.
            market: Id, 32 bytes.
            access: The chain; the connected one, through Ape, by default.

        Raises:
            UnknownMarketError: Nobody has made it, its parameters are not those of the id, or its rate model
                is neither none nor an adaptive curve.
        """
        access = access or ApeAccess()
        contract = venue_contract("morpho.blue", blue)
        (told,) = access.read([(contract.idToMarketParams, market)])
        loan, collateral, oracle, irm = map(str, told[:4])
        params = MarketParams(loan, collateral, oracle, irm, int(told[4]))
        name = "0x" + market.hex()
        if params.loan == ZERO or params.id != market:
            raise UnknownMarketError(name, blue)
        rate_model = None
        if params.rate_model != ZERO:
            rate_model = venue_contract("morpho.irm", params.rate_model)
            try:
                access.read([(rate_model.rateAtTarget, market)])
            except RevertedError:
                raise UnknownMarketError(f"{name} with the rate model {params.rate_model}", blue) from None
        tokens = [erc20(params.loan), erc20(params.collateral)]
        names = access.read([(token.symbol,) for token in tokens])
        units = access.read([(token.decimals,) for token in tokens])
        lent, pledged = (
            Coin(str(symbol), str(token.address), int(decimals))
            for symbol, token, decimals in zip(names, tokens, units, strict=True)
        )
        terms = LendingTerms(name, lent, pledged, params.oracle, params.rate_model, params.lltv)
        return cls(contract, params, terms, rate_model, access)

    @property
    def terms(self) -> LendingTerms:
        """See `LendingVenue`."""
        return self._terms

    # looking

    def state(self, at: int | None = None) -> LendingState:
        """The market's totals now, interest included, or as they will be later if nothing happens."""
        state, _ = self._state()
        return state.accrued(self._access.now() if at is None else at)

    def view(self, at: int | None = None) -> LendingView:
        """See `LendingVenue`."""
        now = self._access.now() if at is None else at
        loan = self._tokens[self._terms.loan.symbol]
        booked, (held,) = self._state([(loan.balanceOf, self.contract.address)])
        state = booked.accrued(now)
        return LendingView(
            time=now,
            supplied=state.supply.assets,
            supply_shares=state.supply.shares,
            owed=state.debt.assets,
            debt_shares=state.debt.shares,
            held=int(held),
            price=self._price(),
            borrow_rate=booked.rates(now)[0],
            fee=state.fee,
        )

    def position(self, owner: Any, at: int | None = None) -> LendingPosition:
        """See `LendingVenue`. The fee recipient's does not count fees before they are booked."""
        now = self._access.now() if at is None else at
        who = address_of(owner)
        booked, (held,) = self._state([(self.contract.position, self.params.id, who)])
        state = booked.accrued(now)
        supply_shares, debt_shares, collateral = map(int, held)
        return LendingPosition(
            owner=who,
            supplied=state.supply.assets_down(supply_shares),
            supply_shares=supply_shares,
            collateral=collateral,
            debt=state.debt.assets_up(debt_shares),
            debt_shares=debt_shares,
            price=self._price(),
            lltv=self.params.lltv,
        )

    # lending

    def supply(
        self,
        account: Any,
        assets: int = 0,
        *,
        shares: int = 0,
        owner: Any = None,
        deadline: int | None = None,
    ) -> LendingFill:
        """See `LendingVenue`."""
        until = self._until(deadline)
        most = self.state(until).supplied(assets, shares)[1]
        who = address_of(owner or account)
        call = (self.contract.supply, tuple(self.params), assets, shares, who, b"")
        return self._moved("supply", account, who, {self._terms.loan.symbol: most}, call)

    def withdraw(
        self,
        account: Any,
        assets: int = 0,
        *,
        shares: int = 0,
        owner: Any = None,
        deadline: int | None = None,
    ) -> LendingFill:
        """See `LendingVenue`."""
        return self._taken("withdraw", self.contract.withdraw, account, assets, shares, owner, deadline)

    def supply_collateral(
        self, account: Any, assets: int, *, owner: Any = None, deadline: int | None = None
    ) -> LendingFill:
        """See `LendingVenue`."""
        self._until(deadline)
        who = address_of(owner or account)
        call = (self.contract.supplyCollateral, tuple(self.params), assets, who, b"")
        return self._moved("supply_collateral", account, who, {self._terms.collateral.symbol: assets}, call)

    def withdraw_collateral(
        self, account: Any, assets: int, *, owner: Any = None, deadline: int | None = None
    ) -> LendingFill:
        """See `LendingVenue`."""
        self._until(deadline)
        who = address_of(owner or account)
        call = (
            self.contract.withdrawCollateral,
            tuple(self.params),
            assets,
            who,
            address_of(account),
        )
        return self._moved("withdraw_collateral", account, who, {}, call)

    # borrowing

    def borrow(
        self,
        account: Any,
        assets: int = 0,
        *,
        shares: int = 0,
        owner: Any = None,
        deadline: int | None = None,
    ) -> LendingFill:
        """See `LendingVenue`."""
        return self._taken("borrow", self.contract.borrow, account, assets, shares, owner, deadline)

    def repay(
        self,
        account: Any,
        assets: int = 0,
        *,
        shares: int = 0,
        owner: Any = None,
        deadline: int | None = None,
    ) -> LendingFill:
        """See `LendingVenue`."""
        until = self._until(deadline)
        most = self.state(until).repaid(assets, shares)[1]
        who = address_of(owner or account)
        call = (self.contract.repay, tuple(self.params), assets, shares, who, b"")
        return self._moved("repay", account, who, {self._terms.loan.symbol: most}, call)

    def quote_liquidation(self, borrower: Any, seized: int = 0, *, shares: int = 0) -> LiquidationQuote:
        """See `LendingVenue`."""
        who = address_of(borrower)
        held = self.position(who)
        if held.price is None:
            raise RevertedError("no price")
        if not held.debt_shares:
            raise RevertedError("position is healthy")
        state, price = self.state(), held.price

        def tried(seized: int, shares: int) -> Liquidation:
            return state.liquidated(
                held.collateral, held.debt_shares, price, held.lltv, seized=seized, shares=shares
            )[1]

        by_shares = bool(shares)
        if seized or shares:
            found = tried(seized, shares)
        else:
            whole = state.debt.assets_down(held.debt_shares)
            by_shares = seized_for(whole, price, held.lltv) <= held.collateral
            found = tried(0, held.debt_shares) if by_shares else tried(held.collateral, 0)
        return LiquidationQuote(
            who, found.seized, found.repaid, found.repaid_shares, found.bad_debt, by_shares
        )

    def liquidate(
        self, account: Any, quote: LiquidationQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> LendingFill:
        """See `LendingVenue`. The least collateral is checked before sending: Morpho knows no such bound."""
        self._until(deadline)
        seized, shares = (0, quote.repaid_shares) if quote.by_shares else (quote.seized, 0)
        now = self.quote_liquidation(quote.borrower, seized, shares=shares)
        most = more(quote.repaid, slippage_bps)
        if now.repaid > most:
            raise RevertedError("max in")
        if now.seized < less(quote.seized, slippage_bps):
            raise RevertedError("min out")
        call = (self.contract.liquidate, tuple(self.params), quote.borrower, seized, shares, b"")
        return self._moved("liquidate", account, quote.borrower, {self._terms.loan.symbol: most}, call)

    # authority

    def authorise(self, account: Any, operator: Any, allowed: bool = True) -> LendingFill:
        """See `LendingVenue`."""
        call = (self.contract.setAuthorization, address_of(operator), allowed)
        return self._moved("authorise", account, address_of(account), {}, call)

    def is_authorised(self, owner: Any, operator: Any) -> bool:
        """See `LendingVenue`."""
        who, by = address_of(owner), address_of(operator)
        return who == by or bool(self._access.read([(self.contract.isAuthorized, who, by)])[0])

    def sign_authorisation(
        self, account: Any, operator: Any, allowed: bool = True, deadline: int | None = None
    ) -> SignedAuthorisation:
        """See `LendingVenue`."""
        until = self._until(deadline)
        # `contract.nonce` is the number of its own transactions, to Ape
        nonces = self.contract._view_methods_["nonce"]
        (nonce,) = self._access.read([(nonces, address_of(account))])
        document = authorisation_document(
            self.contract.address,
            self._access.chain_id(),
            address_of(account),
            address_of(operator),
            allowed,
            int(nonce),
            until,
        )
        signature = account.sign_message(encode_typed_data(full_message=document))
        if signature is None:
            raise AccountError(f"{address_of(account)} did not sign", "confirm the signature")
        return SignedAuthorisation(
            address_of(account),
            address_of(operator),
            allowed,
            int(nonce),
            until,
            int(signature.v),
            bytes(signature.r),
            bytes(signature.s),
        )

    def authorise_signed(self, account: Any, signed: SignedAuthorisation) -> LendingFill:
        """See `LendingVenue`."""
        word = (signed.owner, signed.operator, signed.allowed, signed.nonce, signed.deadline)
        call = (self.contract.setAuthorizationWithSig, word, (signed.v, signed.r, signed.s))
        return self._moved("authorise_signed", account, signed.owner, {}, call)

    def accrue(self, account: Any) -> LendingFill:
        """See `LendingVenue`."""
        call = (self.contract.accrueInterest, tuple(self.params))
        return self._moved("accrue", account, address_of(account), {}, call)

    # internals

    def _state(self, more_reads: Sequence[Read] = ()) -> tuple[LendingState, list[Any]]:
        """The totals as of the last accrual, and what else is read with them."""
        reads: list[Read] = [(self.contract.market, self.params.id)]
        if self._rate_model is not None:
            reads.append((self._rate_model.rateAtTarget, self.params.id))
        found = self._access.read([*reads, *more_reads])
        supplied, supply_shares, owed, debt_shares, time, fee = map(int, found[0])
        at_target = int(found[1]) if self._rate_model is not None else None
        state = LendingState(Pot(supplied, supply_shares), Pot(owed, debt_shares), time, fee, at_target)
        return state, found[len(reads) :]

    def _price(self) -> int | None:
        try:
            return int(self._access.read([(self._oracle.price,)])[0])
        except RevertedError:
            return None

    def _taken(
        self,
        action: str,
        method: Any,
        account: Any,
        assets: int,
        shares: int,
        owner: Any,
        deadline: int | None,
    ) -> LendingFill:
        self._until(deadline)
        who = address_of(owner or account)
        call = (method, tuple(self.params), assets, shares, who, address_of(account))
        return self._moved(action, account, who, {}, call)

    def _moved(
        self, action: str, account: Any, owner: str, spent: Mapping[str, int], call: Read
    ) -> LendingFill:
        """Approve exactly, send, and tell from balances and shares what has moved."""
        method, *arguments = call
        spending = {self._tokens[symbol]: amount for symbol, amount in spent.items()}
        with allowances(self._access, account, self.contract.address, spending):
            before, had = self._holdings(account, owner)
            sent = self._access.send(account, method, *arguments)
            after, has = self._holdings(account, owner)
        # an action changes one kind of shares; a liquidation that leaves bad debt all of the debt's
        shares = next((now - then for now, then in zip(has, had, strict=True) if now != then), 0)
        return LendingFill(
            action,
            *flows(before, after),
            shares,
            sent.gas,
            sent.transaction,
        )

    def _holdings(self, account: Any, owner: str) -> tuple[dict[str, int], list[int]]:
        """Token units of an account, and the shares of an owner: supply's, then debt's."""
        reads: list[Read] = [(token.balanceOf, address_of(account)) for token in self._tokens.values()]
        *units, position = self._access.read([*reads, (self.contract.position, self.params.id, owner)])
        return dict(zip(self._tokens, map(int, units), strict=True)), [int(position[0]), int(position[1])]

    def _until(self, deadline: int | None) -> int:
        now = self._access.now()
        until = now + PATIENCE if deadline is None else deadline
        if until < now:
            raise RevertedError("deadline passed")
        return until
