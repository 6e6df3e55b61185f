# pragma version 0.4.3
"""
@title Reasons of reverts
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The texts with which the Gateway refuses, in one place.
@dev A reason written at an `assert` costs 115 bytes of code, one passed by number 20. A number is 32
     times the text's place in the table, plus its length less one.
"""

NOT_GOVERNOR: constant(uint256) = 32 * 0 + 11
STAKED_AID_SET: constant(uint256) = 32 * 1 + 13
DEADLINE_PASSED: constant(uint256) = 32 * 2 + 14
ZERO_AMOUNT: constant(uint256) = 32 * 3 + 10
MIN_OUT: constant(uint256) = 32 * 4 + 6
KYC_REQUIRED: constant(uint256) = 32 * 5 + 11
DENIED: constant(uint256) = 32 * 6 + 5
WINDING_DOWN: constant(uint256) = 32 * 7 + 11
DEFICIT: constant(uint256) = 32 * 8 + 6
MINT_PAUSED: constant(uint256) = 32 * 9 + 10
REDEEM_PAUSED: constant(uint256) = 32 * 10 + 12
STALE_PRICE: constant(uint256) = 32 * 11 + 10
PRICE_OUT_OF_BAND: constant(uint256) = 32 * 12 + 16
NOT_CREDIT_DESK: constant(uint256) = 32 * 13 + 14
NOT_CONFIGURATOR: constant(uint256) = 32 * 14 + 15
NOT_TREASURY: constant(uint256) = 32 * 15 + 11
MIN_OUTS: constant(uint256) = 32 * 16 + 7
ASSET_CAP: constant(uint256) = 32 * 17 + 8
TOTAL_CAP: constant(uint256) = 32 * 18 + 8
LIQUID_FLOOR: constant(uint256) = 32 * 19 + 11
NOT_CONVERTIBLE: constant(uint256) = 32 * 20 + 14
UNKNOWN_ESCROW: constant(uint256) = 32 * 21 + 13
NOTHING_TO_HARVEST: constant(uint256) = 32 * 22 + 17
MORE_GAS: constant(uint256) = 32 * 23 + 7
ALLOCATION_LOSS: constant(uint256) = 32 * 24 + 14
INSUFFICIENT_UNITS: constant(uint256) = 32 * 25 + 17
NOTHING_OWED: constant(uint256) = 32 * 26 + 11
ASSET_IN_USE: constant(uint256) = 32 * 27 + 11
UNKNOWN_ASSET: constant(uint256) = 32 * 28 + 12
INSUFFICIENT_SHARES: constant(uint256) = 32 * 29 + 18
VAULT_IN_USE: constant(uint256) = 32 * 30 + 11
TRANSFER_FAILED: constant(uint256) = 32 * 31 + 14
MINT_LIMIT: constant(uint256) = 32 * 32 + 9
REDEEM_LIMIT: constant(uint256) = 32 * 33 + 11

# places of 20 characters each
TEXTS: constant(String[680]) = (
    "not governor        staked aid set      deadline passed     "
    "zero amount         min out             kyc required        "
    "denied              winding down        deficit             "
    "mint paused         redeem paused       stale price         "
    "price out of band   not credit desk     not configurator    "
    "not treasury        min outs            asset cap           "
    "total cap           liquid floor        not convertible     "
    "unknown escrow      nothing to harvest  more gas            "
    "allocation loss     insufficient units  nothing owed        "
    "asset in use        unknown asset       insufficient shares "
    "vault in use        transfer failed     mint limit          "
    "redeem limit        "
)


@internal
@pure
def _require(_holds: bool, _reason: uint256):
    """
    @notice Revert with a reason unless something holds.
    @param _reason One of the constants above.
    """
    if not _holds:
        raise slice(TEXTS, 20 * (_reason >> 5), (_reason & 31) + 1)
