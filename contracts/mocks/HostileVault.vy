# pragma version 0.4.3
# pragma optimize gas
"""
@title Vault, dollar and pool in one, each of whose movements calls back, once
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev Keeps no accounts: everything succeeds and is worth one to one.
"""

asset: public(address)
target: address
payload: Bytes[260]
# whether the call-back has succeeded
called_back: public(bool)

name: public(constant(String[13])) = "Hostile vault"  # natrix: NTX2
symbol: public(constant(String[4])) = "hAID"  # natrix: NTX2


@deploy
def __init__(_asset: address):
    """
    @param _asset Its asset; itself, if zero.
    """
    self.asset = _asset if _asset != empty(address) else self


@external
def arm(_target: address, _payload: Bytes[260]):
    """
    @notice Have the next movement call `_target`, and fail if that fails.
    """
    self.target = _target
    self.payload = _payload


@external
@view
def coins(_i: uint256) -> address:
    """
    @notice The share, then the asset.
    """
    return self if _i == 0 else self.asset


@external
@view
def any_denied(_a: address, _b: address, _c: address) -> bool:  # natrix: NTX10
    """
    @notice Nobody is.
    """
    return False


@external
@view
def convertToAssets(_shares: uint256) -> uint256:
    """
    @notice One to one.
    """
    return _shares


@external
def approve(_spender: address, _amount: uint256) -> bool:  # natrix: NTX10
    """
    @notice Nothing.
    """
    return True


@external
def transfer(_to: address, _amount: uint256) -> bool:  # natrix: NTX10
    """
    @notice Nothing but the call-back.
    """
    self._call_back()
    return True


@external
def transferFrom(_owner: address, _to: address, _amount: uint256) -> bool:  # natrix: NTX10
    """
    @notice Nothing but the call-back.
    """
    self._call_back()
    return True


@external
def deposit(_assets: uint256, _receiver: address) -> uint256:  # natrix: NTX10
    """
    @notice Nothing but the call-back.
    """
    self._call_back()
    return _assets


@external
def exchange_received(
    _i: int128, _j: int128, _dx: uint256, _min_dy: uint256, _receiver: address  # natrix: NTX10
) -> uint256:
    """
    @notice Nothing but the call-back.
    """
    self._call_back()
    return _dx


@internal
def _call_back():
    target: address = self.target
    if target != empty(address):
        self.target = empty(address)
        raw_call(target, self.payload)
        self.called_back = True
