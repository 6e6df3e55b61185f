# pragma version 0.4.3
"""
@title Vaults: where the Gateway's reserve may be invested, and how much
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Lists ERC-4626 vaults over accepted coins, each with a cap.
"""
from ethereum.ercs import IERC4626

from . import asset_terms
from . import policy
from . import settings_access

uses: settings_access


event VaultSet:
    vault: indexed(address)
    cap: uint256


event VaultRemoved:
    vault: indexed(address)


MAX_VAULTS: public(constant(uint256)) = 4


@external
def add_vault(_vault: address, _cap: uint256):
    """
    @notice Allow the reserve to hold an ERC-4626 vault over an accepted coin.
    @dev Its shares are handed out in baskets: list only vaults whose shares anyone with KYC can
         receive. A vault with entry or exit fees fails the loss bound of `allocate` and `deallocate`.
    @param _vault The vault.
    @param _cap Most that may be booked in it when allocating, whole tokens of its coin.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "asset exists" (as coin or vault), "cap too high",
                    "unknown asset", "too many vaults".
    """
    settings_access._check_governor()
    assert _vault.is_contract, "no code"
    settings_access._check_new(_vault)
    coin: address = staticcall IERC4626(_vault).asset()
    settings_access._terms_of(coin)
    count: uint256 = len(settings_access._vaults())
    assert count < MAX_VAULTS, "too many vaults"
    self._set_vault(
        _vault,
        count,
        convert(_vault, uint256)
        | (settings_access._place_of(coin, settings_access._coins()) << 160)
        | (block.timestamp << 168),
        _cap,
    )


@external
def set_vault_cap(_vault: address, _cap: uint256):
    """
    @notice Change the cap of a vault; what is booked above it stays.
    @param _vault The vault.
    @param _cap Whole tokens of its coin.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "unknown vault", "cap too high".
    """
    settings_access._check_governor()
    i: uint256 = self._vault_index(_vault)
    self._set_vault(_vault, i, settings_access._vault_terms(i), _cap)


@external
def remove_vault(_vault: address):
    """
    @notice Forget a vault.
    @param _vault The vault.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "unknown vault", "vault in use" while shares of it are held.
                    Shares that are owed can still be claimed.
    """
    settings_access._check_governor()
    extcall settings_access._gateway().delist_vault(self._vault_index(_vault))
    log VaultRemoved(vault=_vault)


# Views


@external
@view
def vault_position(_vault: address) -> (uint256, uint256, address):
    """
    @notice The reserve's position in a vault.
    @param _vault The vault.
    @return Shares, units booked, and the coin; zeros for a vault that is not listed.
    """
    terms: uint256 = 0
    holding: uint256 = 0
    terms, holding = settings_access._position_of(_vault)
    if terms == 0:
        return 0, 0, empty(address)
    return holding & (2**128 - 1), holding >> 128, settings_access._coins()[
        (terms >> 160) & policy.MASK_8
    ]


@external
@view
def vault_cap(_vault: address) -> uint256:
    """
    @notice Most that may be booked in a vault when allocating.
    @param _vault The vault.
    @return Whole tokens of its coin; 0 for a vault that is not listed.
    """
    return settings_access._position_of(_vault)[0] >> 208


# Internals


@internal
def _set_vault(_vault: address, _i: uint256, _terms: uint256, _cap: uint256):
    assert _cap <= asset_terms.MAX_CAP, "cap too high"
    extcall settings_access._gateway().write_vault(_i, (_terms & (2**208 - 1)) | (_cap << 208))
    log VaultSet(vault=_vault, cap=_cap)


@internal
@view
def _vault_index(_vault: address) -> uint256:
    vaults: DynArray[address, 4] = settings_access._vaults()
    i: uint256 = settings_access._place_of(_vault, vaults)
    assert i != len(vaults), "unknown vault"
    return i
