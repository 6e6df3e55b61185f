"""Errors that say what to do: reverts of the contracts and faults of the environment in one hierarchy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from integrations.protocol.credit_advice import CREDIT_ADVICE

#: What to do about each reason that a contract of this project may give.
ADVICE: dict[str, str] = {
    # Gateway
    "zero amount": "give an amount above zero",
    "deadline passed": "send the transaction again with a later deadline",
    "min outs": "give a minimum for each leg of `quote_basket`, or none at all",
    "min out": "the price moved: quote again, or accept a lower minimum",
    "max in": "the price moved: quote again, or accept a higher maximum",
    "kyc required": "have COMPLIANCE allow the account, or submit an attestation: `ape run aid allow|attest`",
    "denied": "an account involved is on the deny list; only COMPLIANCE can lift that",
    "unknown asset": "use one of the stablecoins that `ape run describe` lists",
    "unknown vault": "use one of the T-bill vaults that `ape run describe` lists",
    "mint paused": "minting is paused (for a coin that also stops gifts of it); GOVERNOR lifts it",
    "redeem paused": "redemption is paused; a pause ends by itself within 14 days",
    "paused": "AID transfers are paused; the pause ends by itself within 14 days",
    "stale price": "the coin's price feed is stale; wait for its next update or use the other coin",
    "price out of band": "the coin trades too far from one dollar; wait, or use the other coin",
    "deficit": "the Gateway is in deficit mode: `ape run aid redeem --basket` works, minting waits",
    "not deficit": "the Gateway is in normal mode: redeem one coin (`ape run aid redeem`)",
    "asset cap": "the coin's cap is reached; use less, or the other coin",
    "total cap": "the cap on all AID is reached",
    "mint limit": "the minting limit is used up; it refills by the second",
    "redeem limit": "the redemption limit is used up; it refills by the second",
    "insufficient units": "the reserve holds too little of this coin; use the other coin or redeem less",
    "winding down": "the protocol is winding down: only redemption is left",
    "nothing owed": "nothing is owed: to the account of this token, or on the deal",
    "nothing to harvest": "there is no surplus above the buffer; try again later",
    "allocation loss": "the vault would pay or credit less than it should: check it, allocate less",
    "insufficient shares": "the reserve holds fewer shares of the vault",
    "liquid floor": "allocate less: part of each coin has to stay liquid",
    "vault cap": "the vault's cap is reached",
    "asset in use": "pause the coin's minting, then redeem what is left of it and remove its vaults",
    "cap not lower": "give less than the present cap; GOVERNOR raises it with set_asset",
    "spread below deviation": "raise fees, or lower the feed's deviation: the spread must cover it",
    "own token": "AID cannot be part of its own reserve: name a stablecoin",
    # pools
    "not open": "pools take their first liquidity once the installation is open: `ape run describe` says",
    "already open": "nothing is left to do: the factory opens once",
    "imbalance": "the pool would be left too far out of balance: trade less, or the other way",
    "balance cap": "the pool cannot hold that much: use less",
    "out of domain": "the pool is empty or too far out of balance: withdraw both coins in proportion",
    "out too large": "the pool holds less than that: ask for less",
    "first needs both": "the first deposit needs both coins: give both amounts",
    "same coin": "name two different coins",
    "bad index": "use the pool's coins: `ape run pool describe` lists them",
    "balance": "the account has too few LP tokens: `ape run pool describe` shows how many",
    "allowance": "approve the spender for the LP tokens first",
    "short transfer": "the token keeps a part of each transfer: pools cannot take it",
    "not received": "send the coins to the pool in the same transaction",
    "no convergence": "the pool is in an extreme state: withdraw both coins in proportion",
    # tokens
    "erc20: burn amount exceeds balance": "the account has too little AID",
    "erc20: transfer amount exceeds balance": "the account has too little",
    "erc20: insufficient allowance": "approve the spender for the amount first",
    # authority
    "not governor": "use the account that holds GOVERNOR",
    "not guardian": "use an account that holds GUARDIAN",
    "not compliance": "use an account that holds COMPLIANCE",
    "not treasurer": "use an account that holds TREASURER",
    "not treasury": "ask the Treasury: `allocate` and `deallocate` are its functions",
    "guardian may only tighten": "loosening is GOVERNOR's",
    "not timelock": "propose it: the timelock changes its members and its delay itself",
    "not proposer": "use an account that proposes to the timelock",
    "not canceller": "use an account that cancels at the timelock",
    "already scheduled": "it waits, or was executed; the same calls once more need another salt",
    "delay out of range": "give a delay from the timelock's shortest to 30 days",
    "length mismatch": "give as many amounts and payloads as targets, and at least one",
    "not pending": "it was never scheduled, or has been executed or cancelled, or has lapsed",
    "not ready": "its delay is not over, or it was executed or cancelled, or has lapsed: `ape run describe`",
    "not lapsed": "an operation lapses 14 days after the end of its delay",
    "missing predecessor": "execute first what it waits for",
    "proposer removed": "its proposer is none any more: have another one propose it again",
    "wrong value": "send just the wei that was scheduled",
    "call failed": "the target refused without a reason",
    "too many pending": "a proposer has at most 16 operations open: execute, cancel or forget some",
    "one removal at a time": "remove one canceller or guardian in an operation",
    "removal pending": "the removal of a canceller or guardian waits: have it executed or cancelled first",
    "removals barred": "a removal of this proposer was cancelled: it proposes another after 7 days",
    "own removal": "another canceller may cancel this; nobody cancels its own removal",
    "roles are disjoint": "no account both proposes and cancels: use another",
    "given twice": "name each account once",
    "last member": "grant the role to somebody else first: one proposer and one canceller stay",
    "last guardian": "grant GUARDIAN to somebody else first, in the same operation",
    "unknown role": "`integrations.protocol.Role` has the roles; the timelock's are PROPOSER and CANCELLER",
    "governor moves by handover": "GOVERNOR moves by begin_handover and accept_handover",
    "handover pending": "cancel the pending handover first",
    "no handover": "nothing is offered",
    "not pending governor": "use the account that GOVERNOR was offered to",
    "already governor": "name another account than the present governor",
    "pause cooldown": "a new pause is possible 7 days after the last one ended",
    # Allowlist
    "attestation expired": "ask the verifier for a new attestation",
    "unknown verifier": "the signer is not an approved verifier",
    "bad signature": "it was signed for other data, another nonce, chain or contract, or it is malformed",
    "validity too long": "KYC may be valid for at most 730 days",
    "expired": "the validity lies in the past",
    # staked AID
    "below minimum": "request at least the minimum, or all shares of the account",
    "not operator": "have the controller approve this account with setOperator",
    "exceeds claimable": "claim less; `ape run said claim` takes all",
    "nothing to claim": "nothing is settled yet; claims open at the end of the cycle",
    "nothing to release": "the insurance fund is empty",
    "not wound down": "the insurance fund covers losses until AID is wound down",
    "deals open": "the insurance fund covers losses until the last deal is over",
    "wound down": "AID is wound down: staked AID takes no more deposits",
    "nothing to cancel": "active requests can leave in a cycle's request window only",
    "zero shares": "the amount is too small for a share",
    "transfer failed": "the token refused: too little of it, not approved, or the account is denied",
    "deposits paused": "deposits are paused; GOVERNOR lifts it",
    "deposit cap": "the deposit cap is reached",
    "vault impaired": "impairment exceeds half of the vault, shares are worth next to nothing, or a book is"
    " open without holders: deposits are closed meanwhile",
    "receiver is vault": "shares cannot go to the vault itself: name another receiver",
    "reserve floor": "funding would leave too little idle AID",
    "async redemption": "redemptions are asynchronous: request, wait for the cycle's end, claim",
    "book not empty": "the credit book must be worth zero first",
    # yield splitting
    "wrong token": "give AID or sAID: SY takes and pays nothing else",
    # oracles of lending markets
    "vault share": "no pool's average has the rate of a vault's share: lend its asset",
    # credit
    "share minimum": "the minima of a revenue share must add up to its cost at least",
    "schedule flattens": "each day of an impairment schedule must add at least as much as the one before",
    "book full": "the book carries 512 legs; a deal has to be closed first",
    "before last change": "the book has changed since that time; ask for a later one",
    "not owner or approved": "use the account that owns the receipt, or have it approve this one",
    "receipt locked": "a deal has locked the receipt until it is over",
    "stale report": "have the attestors report again",
    "report expired": "have the attestors sign the report again with a later deadline",
    "wrong epoch": "have the attestors sign the report again for the Attestor's present epoch",
    "not newer": "a report of the same or a later observation is on record already",
    "step too large": "the value moves by more than its kind may in one report: report in steps",
    "too few signers": "bring as many signatures as the Attestor's threshold",
    "signers not ascending": "order signers by address, each once",
    "not attestor": "a signer does not hold ATTESTOR",
    **CREDIT_ADVICE,
}


class ProtocolError(Exception):
    """Any fault a user can do something about.

    Args:
        message: What is wrong, one line.
        advice: What to do about it, one line; may be empty.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} ({self.advice})" if self.advice else self.message


class ConfigError(ProtocolError):
    """A configuration file is missing or does not hold what it should."""


class NetworkError(ProtocolError):
    """The node cannot be started or reached, or is not the expected chain."""


class AccountError(ProtocolError):
    """An account is unknown or cannot do what is asked of it."""


class AddressBookError(ProtocolError):
    """The address book does not match the chain."""


class NotDeployedError(AddressBookError):
    """A contract is asked for that no step has deployed yet.

    Args:
        name: Its name in the address book.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not deployed", "run `ape run deploy` first")


class RevertedError(ProtocolError):
    """A contract refused.

    Args:
        reason: The contract's reason, as in `ADVICE`; empty if it gave none.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"refused: {reason}" if reason else "refused without a reason", ADVICE.get(reason, "")
        )
        self.reason = reason


def check_funds(symbol: str, decimals: int, held: int, wanted: int) -> None:
    """Make sure that an account has what it is to pay; tokens often refuse without a reason.

    Args:
        symbol: Of the token.
        decimals: Of the token.
        held: Token units.
        wanted: Token units.

    Raises:
        AccountError: It has less.
    """
    if held < wanted:
        missing = Decimal(wanted - held).scaleb(-decimals).normalize()
        raise AccountError(f"not enough {symbol}", f"{missing:,f} more {symbol} would be needed")


def _reason(error: Exception) -> str:
    reason = str(getattr(error, "revert_message", "") or getattr(error, "message", "") or error)
    found = re.search(r"(?:execution reverted|reverted with reason string):?\s*'?([^'\"]*)", reason)
    reason = found.group(1) if found else reason
    return "" if reason == "Transaction failed." else reason.strip()


def translate(error: Exception) -> ProtocolError | None:
    """The typed form of an error of Ape or of the node.

    Args:
        error: Anything raised while talking to a chain.

    Returns:
        The error to show, or None if `error` is not one a user can do something about.
    """
    from ape import exceptions as ape

    if isinstance(error, ProtocolError):
        return error
    name = type(error).__name__
    text = " ".join(str(error).split())
    if isinstance(error, ape.ContractLogicError):
        return RevertedError(_reason(error))
    if name in {"FoundryNotInstalledError", "SubprocessError", "RPCTimeoutError"}:
        if "install" in name.lower() or "not installed" in text or "Unable to find" in text:
            return NetworkError("anvil is not installed", "run `make setup`, or put an `anvil` on PATH")
        return NetworkError("anvil did not start", text[:160])
    if "port" in text.lower() and ("in use" in text.lower() or "already" in text.lower()):
        return NetworkError("the port is busy", "stop what listens there, or set `foundry: host: auto`")
    if isinstance(error, ape.NetworkError | ape.NetworkNotFoundError):
        return NetworkError(text[:200], "see `ape networks list`")
    if isinstance(error, ape.ProviderError):
        return NetworkError(text[:200], "check the node's URL and that it runs")
    if isinstance(error, ape.AccountsError):
        return AccountError(text[:200], "see `ape accounts list`")
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Raise what happens inside as `ProtocolError` where a user can do something about it."""
    try:
        yield
    except Exception as error:
        known = translate(error)
        if known is None or known is error:
            raise
        raise known from error
