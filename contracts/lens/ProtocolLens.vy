# pragma version 0.4.3
# pragma optimize gas
"""
@title ProtocolLens
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice One view of a whole installation, for clients and tests: no storage, no
        authority, nothing depends on it.
@dev Token balances stand beside the internal accounting that they must cover.
"""

from ethereum.ercs import IERC20
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
    position: Position
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


interface Gateway:
    def aid() -> address: view
    def allowlist() -> address: view
    def staked_aid() -> address: view
    def backing() -> Backing: view
    def assets() -> DynArray[address, 8]: view
    def vaults() -> DynArray[address, 4]: view
    def units_of(_asset: address) -> uint256: view
    def fees_of(_asset: address) -> uint256: view
    def reserved(_token: address) -> uint256: view
    def price_of(_asset: address) -> (uint256, bool): view
    def available(_asset: address) -> (uint256, uint256): view
    def vault_position(_vault: address) -> (uint256, uint256, address): view


interface Vault:
    def INSURANCE() -> address: view
    def portfolio() -> address: view
    def summary() -> Staking: view
    def position(_controller: address) -> Position: view


interface Aid:
    def is_denied(_account: address) -> bool: view


interface Allowlist:
    def kyc_expiry(_account: address) -> uint256: view


@external
@view
def snapshot(_gateway: address, _accounts: DynArray[address, MAX_ACCOUNTS]) -> Snapshot:
    """
    @notice Everything about an installation and some accounts, as of now.
    @param _gateway The Gateway, which leads to the other contracts.
    @param _accounts Whose balances and positions to include.
    @return Amounts of AID and shares in wei, of coins in their units, prices in WAD.
    """
    gateway: Gateway = Gateway(_gateway)
    aid: address = staticcall gateway.aid()
    vault: Vault = Vault(staticcall gateway.staked_aid())
    insurance: address = staticcall vault.INSURANCE()
    found: Snapshot = empty(Snapshot)
    found.timestamp = block.timestamp
    found.backing = staticcall gateway.backing()
    for token: address in staticcall gateway.assets():
        found.coins.append(self._coin(gateway, token))
    for share: address in staticcall gateway.vaults():
        found.vaults.append(self._tbill(gateway, share))
    found.staking = staticcall vault.summary()
    found.staking_balance = staticcall IERC20(aid).balanceOf(vault.address)
    found.staking_escrow = staticcall IERC20(vault.address).balanceOf(vault.address)
    book: address = staticcall vault.portfolio()
    if book != empty(address):
        found.gross, found.impairment = staticcall IPortfolio(book).value_at(block.timestamp)
    found.insurance = staticcall IInsuranceFund(insurance).available()
    found.insurance_balance = staticcall IERC20(aid).balanceOf(insurance)
    allowlist: Allowlist = Allowlist(staticcall gateway.allowlist())
    for account: address in _accounts:
        found.accounts.append(
            Account(
                aid=staticcall IERC20(aid).balanceOf(account),
                shares=staticcall IERC20(vault.address).balanceOf(account),
                position=staticcall vault.position(account),
                denied=staticcall Aid(aid).is_denied(account),
                kyc_expiry=staticcall allowlist.kyc_expiry(account),
            )
        )
    return found


@internal
@view
def _coin(_gateway: Gateway, _token: address) -> Coin:
    coin: Coin = empty(Coin)
    coin.token = _token
    coin.units = staticcall _gateway.units_of(_token)
    coin.reserved = staticcall _gateway.reserved(_token)
    coin.fees = staticcall _gateway.fees_of(_token)
    coin.balance = staticcall IERC20(_token).balanceOf(_gateway.address)
    coin.price, coin.fresh = staticcall _gateway.price_of(_token)
    coin.mint_available, coin.redeem_available = staticcall _gateway.available(_token)
    return coin


@internal
@view
def _tbill(_gateway: Gateway, _share: address) -> TBill:
    tbill: TBill = empty(TBill)
    tbill.vault = _share
    tbill.shares, tbill.book, tbill.asset = staticcall _gateway.vault_position(_share)
    tbill.reserved = staticcall _gateway.reserved(_share)
    tbill.balance = staticcall IERC20(_share).balanceOf(_gateway.address)
    return tbill
