# pragma version 0.4.3
"""
@title Reasons of reverts
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The texts with which a pool reverts, in one place.
@dev A reason written at an `assert` costs 115 bytes of code, one passed by number 20:
     with the former the pool would not fit into 24,576 bytes. A number is 16 times
     the text's place in the table, plus its length less one.
"""

DEADLINE_PASSED: constant(uint256) = 16 * 0 + 14
BAD_INDEX: constant(uint256) = 16 * 1 + 8
SAME_COIN: constant(uint256) = 16 * 2 + 8
BAD_LENGTH: constant(uint256) = 16 * 3 + 9
ZERO_AMOUNT: constant(uint256) = 16 * 4 + 10
ADDRESS_ZERO: constant(uint256) = 16 * 5 + 11
MIN_OUT: constant(uint256) = 16 * 6 + 6
MAX_IN: constant(uint256) = 16 * 7 + 5
OUT_TOO_LARGE: constant(uint256) = 16 * 8 + 12
IMBALANCE: constant(uint256) = 16 * 9 + 8
BALANCE_CAP: constant(uint256) = 16 * 10 + 10
OUT_OF_DOMAIN: constant(uint256) = 16 * 11 + 12
NO_CONVERGENCE: constant(uint256) = 16 * 12 + 13
FIRST_NEEDS_BOTH: constant(uint256) = 16 * 13 + 15
ZERO_SHARES: constant(uint256) = 16 * 14 + 10
TRANSFER_FAILED: constant(uint256) = 16 * 15 + 14
SHORT_TRANSFER: constant(uint256) = 16 * 16 + 13
NOT_RECEIVED: constant(uint256) = 16 * 17 + 11
BALANCE: constant(uint256) = 16 * 18 + 6
ALLOWANCE: constant(uint256) = 16 * 19 + 8
BAD_SIGNATURE: constant(uint256) = 16 * 20 + 12
NOT_GOVERNOR: constant(uint256) = 16 * 21 + 11
RAMP_TOO_SOON: constant(uint256) = 16 * 22 + 12
RAMP_TOO_SHORT: constant(uint256) = 16 * 23 + 13
A_OUT_OF_RANGE: constant(uint256) = 16 * 24 + 13
A_STEP_TOO_LARGE: constant(uint256) = 16 * 25 + 14
FEE_TOO_HIGH: constant(uint256) = 16 * 26 + 12
OFFPEG_TOO_HIGH: constant(uint256) = 16 * 27 + 14
OUT_OF_RANGE: constant(uint256) = 16 * 28 + 11
NOT_OPEN: constant(uint256) = 16 * 29 + 7

# places of 16 characters each
TEXTS: constant(String[480]) = (
    "deadline passed bad index       same coin       bad length      zero amount     "
    "zero address    min out         max in          out too large   imbalance       "
    "balance cap     out of domain   no convergence  first needs bothzero shares     "
    "transfer failed short transfer  not received    balance         allowance       "
    "bad signature   not governor    ramp too soon   ramp too short  A not 1 to 1e6  "
    "A step above 10 fee above 1 %   offpeg too high out of range    not open        "
)


@internal
@pure
def _require(_holds: bool, _reason: uint256):
    """
    @notice Revert with a reason unless something holds.
    @param _reason One of the constants above.
    @param _holds What must hold.
    """
    if not _holds:
        self._fail(_reason)


@internal
@pure
def _fail(_reason: uint256):
    """
    @notice Revert with a reason.
    @param _reason One of the constants above.
    """
    raise slice(TEXTS, (_reason >> 4) << 4, (_reason & 15) + 1)
