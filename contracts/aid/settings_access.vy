# pragma version 0.4.3
"""
@title Who may set what at the Gateway, and how its settings are read
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Shared by the parts of the Configurator; holds nothing, for settings are read where they act.
"""
from ..interfaces import IAID
from ..interfaces import IGateway
from ..interfaces import IGatewayWords
from ..interfaces import IRoles

GOVERNOR: constant(bytes32) = empty(bytes32)
GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")

ROLES: immutable(IRoles)
AID: immutable(IAID)


@deploy
def __init__(_roles: IRoles, _aid: IAID):
    """
    @notice Serve the Gateway of one dollar, whichever AID names.
    @param _roles Where roles are held.
    @param _aid The dollar.
    """
    ROLES = _roles
    AID = _aid


# Authority


@internal
@view
def _check_governor():
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"


@internal
@view
def _check_guardian():
    assert staticcall ROLES.hasRole(GUARDIAN, msg.sender), "not guardian"


@internal
@view
def _check_tightens(_tightens: bool):
    if not staticcall ROLES.hasRole(GOVERNOR, msg.sender):
        self._check_guardian()
        assert _tightens, "guardian may only tighten"


# The Gateway's words


@internal
@view
def _gateway() -> IGatewayWords:
    return IGatewayWords(staticcall AID.gateway())


@internal
@view
def _coins() -> DynArray[address, 8]:
    return staticcall IGateway(self._gateway().address).assets()


@internal
@view
def _vaults() -> DynArray[address, 4]:
    return staticcall IGateway(self._gateway().address).vaults()


@internal
@view
def _words_of(_asset: address) -> (uint256, uint256, uint256):
    terms: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    terms, ledger, flow = staticcall self._gateway().asset_words(_asset)
    assert terms != 0, "unknown asset"
    return terms, ledger, flow


@internal
@view
def _terms_of(_asset: address) -> uint256:
    return self._words_of(_asset)[0]


@internal
@view
def _vault_terms(_i: uint256) -> uint256:
    return (staticcall self._gateway().vault_words(_i))[0]


@internal
@view
def _position_of(_vault: address) -> (uint256, uint256):
    """
    @return Terms and holding; zeros for a vault that is not listed.
    """
    vaults: DynArray[address, 4] = self._vaults()
    i: uint256 = self._place_of(_vault, vaults)
    if i == len(vaults):
        return 0, 0
    terms: uint256 = 0
    holding: uint256 = 0
    terms, holding = staticcall self._gateway().vault_words(i)
    return terms, holding


@internal
@pure
def _place_of(_token: address, _tokens: DynArray[address, 8]) -> uint256:
    """
    @return Place of a token in a list; the list's length if it is not there.
    """
    i: uint256 = 0
    for token: address in _tokens:
        if token == _token:
            return i
        i += 1
    return i


@internal
@view
def _check_new(_token: address):
    terms: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    terms, ledger, flow = staticcall self._gateway().asset_words(_token)
    assert terms == 0 and self._position_of(_token)[0] == 0, "asset exists"
