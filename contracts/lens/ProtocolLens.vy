# pragma version 0.4.3
# pragma optimize gas
"""
@title ProtocolLens
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice One view of a whole installation, for clients and tests: no storage, no
        authority, and nothing depends on it.
@dev Token balances stand beside the internal accounting that they must cover.
"""

from ethereum.ercs import IERC20
from ..interfaces import IAID
from ..interfaces import IAllowlist
from ..interfaces import IInsuranceFund
from ..interfaces import IPortfolio

MAX_ACCOUNTS: constant(uint256) = 32


struct Backing:
    backing: uint256
    backing_par: uint256
    supply: uint256
    deficit: bool
    stale: bool


struct Coin:
    token: address
    units: uint256  # in the reserve
    reserved: uint256  # escrowed or owed, outside the reserve
    fees: uint256
    balance: uint256  # the Gateway's token balance
    price: uint256  # WAD
    fresh: bool
    mint_available: uint256  # AID wei
    redeem_available: uint256


struct TBill:
    vault: address
    asset: address
    shares: uint256
    book: uint256  # units of the asset
    reserved: uint256  # shares owed
    balance: uint256  # the Gateway's share balance


struct Staking:
    idle: uint256
    claimable: uint256
    supply: uint256
    deposit_assets: uint256
    exit_assets: uint256
    unvested: uint256
    cycle: uint256
    active: uint256
    upcoming: uint256
    releasing: uint256


struct Position:
    active: uint256
    active_cycle: uint256
    upcoming: uint256
    upcoming_cycle: uint256
    claim_shares: uint256
    claim_assets: uint256


struct Account:
    aid: uint256
    shares: uint256
    denied: bool
    kyc_expiry: uint256


struct Snapshot:
    timestamp: uint256
    backing: Backing
    coins: DynArray[Coin, 8]
    vaults: DynArray[TBill, 4]
    staking: Staking
    staking_balance: uint256  # AID held by the vault
    staking_escrow: uint256  # shares held by the vault
    gross: uint256  # of the portfolio
    impairment: uint256
    insurance: uint256
    insurance_balance: uint256
    accounts: DynArray[Account, MAX_ACCOUNTS]
    positions: DynArray[Position, MAX_ACCOUNTS]  # of the same accounts


interface Gateway:
    def backing() -> Backing: view
    def assets() -> DynArray[address, 8]: view
    def vaults() -> DynArray[address, 4]: view
    def units_of(_asset: address) -> uint256: view
    def reserved(_token: address) -> uint256: view
    def price_of(_asset: address) -> (uint256, bool): view


interface Configurator:
    def fees_of(_asset: address) -> uint256: view
    def available(_asset: address) -> (uint256, uint256): view
    def vault_position(_vault: address) -> (uint256, uint256, address): view


interface Vault:
    def INSURANCE() -> address: view
    def asset() -> address: view
    def portfolio() -> address: view
    def summary() -> Staking: view
    def position(_controller: address) -> Position: view


ALLOWLIST: immutable(IAllowlist)
CONFIGURATOR: immutable(Configurator)
GATEWAY: immutable(Gateway)
VAULT: immutable(Vault)


@deploy
def __init__(_allowlist: address, _configurator: address, _gateway: address, _staked_aid: address):
    """
    @notice Look at one installation.
    @param _allowlist Its Allowlist.
    @param _configurator Its Configurator.
    @param _gateway Its Gateway.
    @param _staked_aid Its vault of staked AID.
    """
    ALLOWLIST = IAllowlist(_allowlist)
    CONFIGURATOR = Configurator(_configurator)
    GATEWAY = Gateway(_gateway)
    VAULT = Vault(_staked_aid)


@external
@view
def snapshot(_accounts: DynArray[address, MAX_ACCOUNTS]) -> Snapshot:
    """
    @notice Return everything about the installation and some accounts, as of now.
    @param _accounts Whose balances and positions to include.
    @return Amounts of AID and shares in wei, of coins in their units, prices in WAD.
    """
    aid: IAID = IAID(staticcall VAULT.asset())
    shares: IERC20 = IERC20(VAULT.address)
    insurance: address = staticcall VAULT.INSURANCE()
    found: Snapshot = empty(Snapshot)
    found.timestamp = block.timestamp
    found.backing = staticcall GATEWAY.backing()
    for token: address in staticcall GATEWAY.assets():
        found.coins.append(self._coin(token))
    for share: address in staticcall GATEWAY.vaults():
        found.vaults.append(self._tbill(share))
    found.staking = staticcall VAULT.summary()
    found.staking_balance = staticcall aid.balanceOf(VAULT.address)
    found.staking_escrow = staticcall shares.balanceOf(VAULT.address)
    book: address = staticcall VAULT.portfolio()
    if book != empty(address):
        found.gross, found.impairment = staticcall IPortfolio(book).value_at(block.timestamp)
    found.insurance = staticcall IInsuranceFund(insurance).available()
    found.insurance_balance = staticcall aid.balanceOf(insurance)
    for account: address in _accounts:
        found.accounts.append(
            Account(
                aid=staticcall aid.balanceOf(account),
                shares=staticcall shares.balanceOf(account),
                denied=staticcall aid.is_denied(account),
                kyc_expiry=staticcall ALLOWLIST.kyc_expiry(account),
            )
        )
        found.positions.append(staticcall VAULT.position(account))
    return found


@internal
@view
def _coin(_token: address) -> Coin:
    """
    @notice Read a coin of the reserve.
    @param _token The coin.
    @return Its accounts, limits and price.
    """
    coin: Coin = empty(Coin)
    coin.token = _token
    coin.units = staticcall GATEWAY.units_of(_token)
    coin.reserved = staticcall GATEWAY.reserved(_token)
    coin.fees = staticcall CONFIGURATOR.fees_of(_token)
    coin.balance = staticcall IERC20(_token).balanceOf(GATEWAY.address)
    coin.price, coin.fresh = staticcall GATEWAY.price_of(_token)
    coin.mint_available, coin.redeem_available = staticcall CONFIGURATOR.available(_token)
    return coin


@internal
@view
def _tbill(_share: address) -> TBill:
    """
    @notice Read a T-bill vault of the reserve.
    @param _share The vault.
    @return Its accounts.
    """
    tbill: TBill = empty(TBill)
    tbill.vault = _share
    tbill.shares, tbill.book, tbill.asset = staticcall CONFIGURATOR.vault_position(_share)
    tbill.reserved = staticcall GATEWAY.reserved(_share)
    tbill.balance = staticcall IERC20(_share).balanceOf(GATEWAY.address)
    return tbill
