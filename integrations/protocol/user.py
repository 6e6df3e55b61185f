"""What a user does with the protocol: quoted first, bounded by a slippage, approved exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integrations.protocol.errors import check_funds, translated

if TYPE_CHECKING:
    from integrations.protocol.attestation import Attestation
    from integrations.protocol.core import Coin, Protocol

BPS = 10_000
#: Seconds that a transaction may wait before the contracts refuse it.
PATIENCE = 1_200


@dataclass(frozen=True)
class Outcome:
    """A transaction that went through.

    Attributes:
        action: What was done, e.g. `mint`.
        given: What left the user, in the token's units (zero for claims).
        received: What came, in the token's units.
        gas: Used by the transaction itself, approvals apart.
        receipt: Ape's receipt, with events and trace.
    """

    action: str
    given: int
    received: int
    gas: int
    receipt: Any


class User:
    """One account's way to use an installation.

    Amounts are integers in token units. Every method raises `RevertedError` with the contract's reason
    when it is refused.

    Args:
        protocol: The installation.
        account: Ape account that signs and pays.
    """

    def __init__(self, protocol: Protocol, account: Any) -> None:
        self.protocol = protocol
        self.account = account

    @property
    def address(self) -> str:
        """The account's address."""
        return str(self.account.address)

    # AID

    def quote_mint(self, symbol: str, units: int) -> int:
        """AID for `units` of a coin now, AID wei."""
        with translated():
            return int(self.protocol.gateway.quote_mint(self.protocol.coin(symbol).token, units))

    def mint(self, symbol: str, units: int, slippage_bps: int = 10) -> Outcome:
        """Bring a stablecoin and receive AID.

        Args:
            symbol: The stablecoin.
            units: Of it.
            slippage_bps: How much less than quoted to accept.
        """
        coin = self.protocol.coin(symbol)
        least = _less(self.quote_mint(symbol, units), slippage_bps)
        check_funds(coin.symbol, coin.decimals, self._units(coin), units)
        before = self._aid()
        self._approve(coin.token, self.protocol.gateway.address, units)
        receipt = self._send(
            self.protocol.gateway.mint, coin.token, units, least, self.address, self._deadline()
        )
        return self._outcome("mint", units, self._aid() - before, receipt)

    def quote_redeem(self, symbol: str, amount: int) -> int:
        """Units of a coin for `amount` AID wei now."""
        with translated():
            return int(self.protocol.gateway.quote_redeem(self.protocol.coin(symbol).token, amount))

    def redeem(self, symbol: str, amount: int, slippage_bps: int = 10) -> Outcome:
        """Burn AID for a stablecoin, in normal mode.

        Args:
            symbol: The stablecoin.
            amount: AID wei.
            slippage_bps: How much less to accept than quoted, and than a dollar's worth at par less the fee.
        """
        coin = self.protocol.coin(symbol)
        quoted = self.quote_redeem(symbol, amount)
        # A false price makes the quote as false: never take less than par, less fees and the slippage.
        least = _less(max(quoted, self._par_out(coin, amount)), slippage_bps)
        before = self._units(coin)
        receipt = self._send(
            self.protocol.gateway.redeem, coin.token, amount, least, self.address, self._deadline()
        )
        return self._outcome("redeem", amount, self._units(coin) - before, receipt)

    def redeem_basket(self, amount: int, slippage_bps: int = 10) -> Outcome:
        """Burn AID for the same part of every reserve asset; always open, at a fee in normal mode.

        Args:
            amount: AID wei.
            slippage_bps: How much less than quoted to accept of each asset.

        Returns:
            `received` counts the legs that are not zero; their amounts are in the receipt's events.
        """
        gateway = self.protocol.gateway
        with translated():
            quote = list(gateway.quote_basket(amount))
        least = [_less(part, slippage_bps) for part in quote]
        receipt = self._send(gateway.redeem_basket, amount, least, self.address, self._deadline())
        return self._outcome("redeem basket", amount, sum(part != 0 for part in quote), receipt)

    def attest(self, attestation: Attestation) -> Outcome:
        """Bring a verifier's attestation to the Allowlist; anyone may bring anyone's."""
        receipt = self._send(
            self.protocol.allowlist.attest,
            attestation.account,
            attestation.valid_until,
            attestation.deadline,
            attestation.verifier,
            attestation.signature,
        )
        return self._outcome("attest", 0, 0, receipt)

    # sAID

    def deposit(self, amount: int, slippage_bps: int = 1) -> Outcome:
        """Stake AID at the deposit price.

        Args:
            amount: AID wei.
            slippage_bps: How many fewer shares than quoted to accept.
        """
        vault = self.protocol.staked_aid
        with translated():
            least = _less(vault.previewDeposit(amount), slippage_bps)
        before = vault.balanceOf(self.address)
        self._approve(self.protocol.aid, vault.address, amount)
        receipt = self._send(vault.deposit, amount, self.address, least, self._deadline())
        return self._outcome("deposit", amount, vault.balanceOf(self.address) - before, receipt)

    def request(self, shares: int) -> Outcome:
        """Put shares in line to leave."""
        receipt = self._send(self.protocol.staked_aid.requestRedeem, shares, self.address, self.address)
        return self._outcome("request", shares, 0, receipt)

    def cancel(self) -> Outcome:
        """Take back the shares in line that may still leave it."""
        vault = self.protocol.staked_aid
        before = vault.balanceOf(self.address)
        receipt = self._send(vault.cancel_request, self.address, self.address)
        return self._outcome("cancel", 0, vault.balanceOf(self.address) - before, receipt)

    def claim(self) -> Outcome:
        """Claim all AID that is settled for the account."""
        before = self._aid()
        receipt = self._send(self.protocol.staked_aid.claim, self.address, self.address)
        return self._outcome("claim", 0, self._aid() - before, receipt)

    # keepers

    def settle(self) -> Outcome:
        """Settle the withdrawal cycles that are due."""
        return self._outcome("settle", 0, 0, self._send(self.protocol.staked_aid.sync))

    def harvest(self) -> Outcome:
        """Mint the reserve's surplus to the stakers; `received` is the AID minted to them."""
        supply = self.protocol.aid.totalSupply()
        receipt = self._send(self.protocol.gateway.harvest)
        return self._outcome("harvest", 0, self.protocol.aid.totalSupply() - supply, receipt)

    def report(self) -> Outcome:
        """Have the Treasury remember what the vaults report: a harvest counts what is a week old."""
        return self._outcome("report", 0, 0, self._send(self.protocol.treasury.report))

    def probe(self, coin_name: str) -> Outcome:
        """Find out whether a coin can be delivered; one that cannot counts for nothing until it can."""
        coin = self.protocol.coin(coin_name)
        return self._outcome("probe", 0, 0, self._send(self.protocol.gateway.probe, coin.token))

    def release_insurance(self) -> Outcome:
        """After a wind-down and the last deal, give the InsuranceFund's AID to the stakers, or burn it."""
        held = int(self.protocol.insurance.available())
        return self._outcome("release", 0, held, self._send(self.protocol.insurance.release))

    # internals

    def _send(self, method: Any, *arguments: Any) -> Any:
        with translated():
            return method(*arguments, sender=self.account)

    def _approve(self, token: Any, spender: str, amount: int) -> None:
        if token.allowance(self.address, spender) < amount:
            self._send(token.approve, spender, amount)

    def _par_out(self, coin: Coin, amount: int) -> int:
        fee = self.protocol.configurator.asset_params(coin.token).redeem_fee_bps
        return _less(amount, fee) // int(10 ** (18 - coin.decimals))

    def _deadline(self) -> int:
        from ape import chain

        return int(chain.pending_timestamp) + PATIENCE

    def _aid(self) -> int:
        return int(self.protocol.aid.balanceOf(self.address))

    def _units(self, coin: Coin) -> int:
        return int(coin.token.balanceOf(self.address))

    def _outcome(self, action: str, given: int, received: int, receipt: Any) -> Outcome:
        return Outcome(action, given, received, int(receipt.gas_used), receipt)


def _less(amount: int, slippage_bps: int) -> int:
    return amount * (BPS - slippage_bps) // BPS
