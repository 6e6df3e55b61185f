# pragma version 0.4.3
"""
@title Reasons of reverts
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The texts with which a pool reverts, in one place.
@dev A reason written at an `assert` costs 115 bytes of code, one passed by number 20:
     with the former the pool would not fit into 24,576 bytes.
"""

DEADLINE_PASSED: constant(uint256) = 0
BAD_INDEX: constant(uint256) = 1
SAME_COIN: constant(uint256) = 2
BAD_LENGTH: constant(uint256) = 3
ZERO_AMOUNT: constant(uint256) = 4
ADDRESS_ZERO: constant(uint256) = 5
MIN_OUT: constant(uint256) = 6
MAX_IN: constant(uint256) = 7
OUT_TOO_LARGE: constant(uint256) = 8
IMBALANCE: constant(uint256) = 9
BALANCE_CAP: constant(uint256) = 10
OUT_OF_DOMAIN: constant(uint256) = 11
NO_CONVERGENCE: constant(uint256) = 12
FIRST_NEEDS_BOTH: constant(uint256) = 13
ZERO_SHARES: constant(uint256) = 14
TRANSFER_FAILED: constant(uint256) = 15
SHORT_TRANSFER: constant(uint256) = 16
NOT_RECEIVED: constant(uint256) = 17
BALANCE: constant(uint256) = 18
ALLOWANCE: constant(uint256) = 19
BAD_SIGNATURE: constant(uint256) = 20
NOT_GOVERNOR: constant(uint256) = 21
RAMP_TOO_SOON: constant(uint256) = 22
RAMP_TOO_SHORT: constant(uint256) = 23
A_OUT_OF_RANGE: constant(uint256) = 24
A_STEP_TOO_LARGE: constant(uint256) = 25
FEE_TOO_HIGH: constant(uint256) = 26
OFFPEG_TOO_HIGH: constant(uint256) = 27
OUT_OF_RANGE: constant(uint256) = 28


@internal
@pure
def _require(_holds: bool, _reason: uint256):
    """
    @notice Revert with a reason unless something holds.
    @param _reason One of the constants above.
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
    text: String[16] = ""
    if _reason == DEADLINE_PASSED:
        text = "deadline passed"
    elif _reason == BAD_INDEX:
        text = "bad index"
    elif _reason == SAME_COIN:
        text = "same coin"
    elif _reason == BAD_LENGTH:
        text = "bad length"
    elif _reason == ZERO_AMOUNT:
        text = "zero amount"
    elif _reason == ADDRESS_ZERO:
        text = "zero address"
    elif _reason == MIN_OUT:
        text = "min out"
    elif _reason == MAX_IN:
        text = "max in"
    elif _reason == OUT_TOO_LARGE:
        text = "out too large"
    elif _reason == IMBALANCE:
        text = "imbalance"
    elif _reason == BALANCE_CAP:
        text = "balance cap"
    elif _reason == OUT_OF_DOMAIN:
        text = "out of domain"
    elif _reason == NO_CONVERGENCE:
        text = "no convergence"
    elif _reason == FIRST_NEEDS_BOTH:
        text = "first needs both"
    elif _reason == ZERO_SHARES:
        text = "zero shares"
    elif _reason == TRANSFER_FAILED:
        text = "transfer failed"
    elif _reason == SHORT_TRANSFER:
        text = "short transfer"
    elif _reason == NOT_RECEIVED:
        text = "not received"
    elif _reason == BALANCE:
        text = "balance"
    elif _reason == ALLOWANCE:
        text = "allowance"
    elif _reason == BAD_SIGNATURE:
        text = "bad signature"
    elif _reason == NOT_GOVERNOR:
        text = "not governor"
    elif _reason == RAMP_TOO_SOON:
        text = "ramp too soon"
    elif _reason == RAMP_TOO_SHORT:
        text = "ramp too short"
    elif _reason == A_OUT_OF_RANGE:
        text = "A out of range"
    elif _reason == A_STEP_TOO_LARGE:
        text = "A step too large"
    elif _reason == FEE_TOO_HIGH:
        text = "fee too high"
    elif _reason == OFFPEG_TOO_HIGH:
        text = "offpeg too high"
    elif _reason == OUT_OF_RANGE:
        text = "out of range"
    raise text
