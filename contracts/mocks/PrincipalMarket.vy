# pragma version 0.4.3
# pragma optimize gas
"""
@title What an oracle of principal tokens reads, settable: market, oracle, SY, PT and YT in one
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

WAD: constant(uint256) = 10**18

expiry: public(immutable(uint256))
ASSET: immutable(address)
ASSET_DECIMALS: immutable(uint8)
DECIMALS: constant(uint8) = 18

exchangeRate: public(uint256)
pyIndexStored: public(uint256)
# asset for one principal token while nothing is lost, WAD
average: public(uint256)
history: public(bool)


@deploy
def __init__(_asset: address, _asset_decimals: uint8, _expiry: uint256, _average: uint256):
    expiry = _expiry
    ASSET = _asset
    ASSET_DECIMALS = _asset_decimals
    self.exchangeRate = WAD
    self.pyIndexStored = WAD
    self.average = _average
    self.history = True


@external
def set_rate(_rate: uint256, _index: uint256):
    """
    @notice Set the exchange rate and the stored index, WAD.
    """
    self.exchangeRate = _rate
    self.pyIndexStored = _index


@external
def set_average(_average: uint256):
    """
    @notice Set the average price of a principal token while nothing is lost, WAD.
    """
    self.average = _average


@external
def set_history(_enough: bool):
    """
    @notice Set whether the market has recorded enough for an average.
    """
    self.history = _enough


@external
@view
def decimals() -> uint8:
    return DECIMALS


@external
@view
def readTokens() -> (address, address, address):
    return self, self, self


@external
@view
def assetInfo() -> (uint8, address, uint8):
    return 0, ASSET, ASSET_DECIMALS


@external
@view
def getOracleState(_market: address, _duration: uint32) -> (bool, uint16, bool):
    """
    @dev Room for an observation a second.
    """
    assert _market == self, "another market"
    return not self.history, convert(min(_duration, 65_535), uint16), self.history


@external
@view
def getPtToAssetRate(_market: address, _duration: uint32) -> uint256:
    """
    @dev As Pendle's: 1 from expiry on, less where the rate is below the index.
    """
    assert _market == self and _duration != 0, "another market"
    value: uint256 = WAD if block.timestamp >= expiry else self.average
    index: uint256 = max(self.exchangeRate, self.pyIndexStored)
    return value * self.exchangeRate // index
