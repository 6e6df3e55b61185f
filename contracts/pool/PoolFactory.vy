# pragma version 0.4.3
# pragma optimize gas
"""
@title PoolFactory
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Deploys stable pools from a blueprint (EIP-5202) and keeps the list of them.
        Anyone may deploy a pool of any two coins: that a pool is listed says that its
        code and parameters are within bounds, not that its coins are good. GOVERNOR
        sets the blueprint and defaults of later pools, and who receives the
        protocol's fees of all of them, and opens the factory once: before that no pool
        takes its first liquidity.
"""

from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626

from ..interfaces import IPoolFactory
from ..interfaces import IRoles
from . import pool_state

implements: IPoolFactory


event PoolDeployed:
    pool: indexed(address)
    coin_0: indexed(address)
    coin_1: indexed(address)
    deployer: address


event BlueprintSet:
    blueprint: indexed(address)


event FeeReceiverSet:
    receiver: indexed(address)


event Opened:
    pass


event DefaultsSet:
    amplification: uint256
    fee: uint256
    multiplier: uint256
    price_period: uint256


GOVERNOR: constant(bytes32) = empty(bytes32)
MAX_DECIMALS: constant(uint256) = 18
MAX_A: constant(uint256) = 10**6
FEE_ONE: constant(uint256) = 10**10
MAX_FEE: constant(uint256) = 10**8
MAX_MULTIPLIER: constant(uint256) = 2**40 - 1
MAX_PERIOD: constant(uint256) = 2**20 - 1
# ERC-5202's preamble: 0xFE, 0x71, version 0
PREAMBLE: constant(uint256) = 3

# where roles are held
ROLES: public(immutable(IRoles))

# initcode of later pools
blueprint: public(address)
# who gets the protocol's fees; while it is zero they stay in the pools
fee_receiver: public(address)
# whether pools take their first liquidity; once true, for good
opened: public(bool)
# what pools get that do not ask for parameters of their own
defaults: public(pool_state.Parameters)

pool_count: public(uint256)
pool_list: public(HashMap[uint256, address])
is_pool: public(HashMap[address, bool])
# pools of a pair, whose coins come in ascending order
_pair_count: HashMap[address, HashMap[address, uint256]]
_pair_list: HashMap[address, HashMap[address, HashMap[uint256, address]]]


@deploy
def __init__(_roles: IRoles, _blueprint: address, _fee_receiver: address):
    """
    @notice Start without pools, with A = 1,000, a fee of 0.04 % that doubles off the peg, and a
            price average over 866 s (a half-life of ten minutes).
    @param _roles Where roles are held; a contract, else "no code".
    @param _blueprint StableSwap as an ERC-5202 blueprint, else "no code".
    @param _fee_receiver Who gets the protocol's fees, or zero for nobody yet.
    """
    assert _roles.address.is_contract, "no code"
    ROLES = _roles
    self._set_blueprint(_blueprint)
    self.fee_receiver = _fee_receiver
    log FeeReceiverSet(receiver=_fee_receiver)
    self._set_defaults(
        pool_state.Parameters(
            amplification=1_000, fee=4 * 10**6, multiplier=2 * FEE_ONE, price_period=866
        )
    )


@external
def deploy_pool(
    _name: String[64],
    _symbol: String[32],
    _coins: address[2],
    _are_vaults: bool[2],
    _A: uint256,
    _fee: uint256,
    _offpeg_fee_multiplier: uint256,
    _ma_exp_time: uint256,
) -> address:
    """
    @notice Deploy a pool with parameters of its own.
    @param _name Name of its LP token.
    @param _symbol Symbol of its LP token.
    @param _coins Two tokens with at most 18 decimals. Not rebasing, without a fee on transfers.
    @param _are_vaults Which of them are ERC-4626 shares that are to count at their exit value.
    @param _A Amplification, 1 to 1e6.
    @param _fee Fee at the peg, at most 1e8; 1e10 = one.
    @param _offpeg_fee_multiplier What the fee grows by off the peg, below 2^40; 1e10 = one. Fee times
           multiplier is at most a half.
    @param _ma_exp_time Period of the price average, seconds, 1 to 2^20 - 1.
    @return The pool.
    @custom:reverts "same coin", "no code", "above 18 decimals", "zero rate", "A not 1 to 1e6",
                    "fee above 1 %", "fee above 50 % off peg", "offpeg above 2^40",
                    "period not 1 to 2^20".
    """
    return self._deploy(
        _name,
        _symbol,
        _coins,
        _are_vaults,
        pool_state.Parameters(
            amplification=_A,
            fee=_fee,
            multiplier=_offpeg_fee_multiplier,
            price_period=_ma_exp_time,
        ),
    )


@external
def deploy_default_pool(
    _name: String[64], _symbol: String[32], _coins: address[2], _are_vaults: bool[2]
) -> address:
    """
    @notice Deploy a pool with the default parameters.
    @param _name Name of its LP token.
    @param _symbol Symbol of its LP token.
    @param _coins Two tokens with at most 18 decimals. Not rebasing, without a fee on transfers.
    @param _are_vaults Which of them are ERC-4626 shares that are to count at their exit value.
    @return The pool.
    @custom:reverts "same coin", "no code", "above 18 decimals", "zero rate".
    """
    return self._deploy(_name, _symbol, _coins, _are_vaults, self.defaults)


@external
def set_blueprint(_blueprint: address):
    """
    @notice Change the code of later pools; those that exist stay what they are.
    @param _blueprint An ERC-5202 blueprint.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code".
    """
    self._check_governor()
    self._set_blueprint(_blueprint)


@external
def set_fee_receiver(_receiver: address):
    """
    @notice Name who gets the protocol's fees of all pools, those not yet paid out included.
    @param _receiver Receiver, or zero to keep fees in the pools.
    @custom:access GOVERNOR.
    @custom:reverts "not governor".
    """
    self._check_governor()
    self.fee_receiver = _receiver
    log FeeReceiverSet(receiver=_receiver)


@external
def set_defaults(
    _A: uint256, _fee: uint256, _offpeg_fee_multiplier: uint256, _ma_exp_time: uint256
):
    """
    @notice Change the parameters of later pools that do not ask for their own.
    @param _A Amplification, 1 to 1e6.
    @param _fee Fee at the peg, at most 1e8; 1e10 = one.
    @param _offpeg_fee_multiplier Below 2^40; 1e10 = one. Fee times multiplier is at most a half.
    @param _ma_exp_time Seconds, 1 to 2^20 - 1.
    @custom:access GOVERNOR.
    @custom:reverts "not governor" and as `deploy_pool`.
    """
    self._check_governor()
    self._set_defaults(
        pool_state.Parameters(
            amplification=_A,
            fee=_fee,
            multiplier=_offpeg_fee_multiplier,
            price_period=_ma_exp_time,
        )
    )


@external
def open():
    """
    @notice Let pools take their first liquidity, for good: the last act of an installation, which is
            open from then on.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "already open".
    """
    self._check_governor()
    assert not self.opened, "already open"
    self.opened = True
    log Opened()


@external
@view
def find_pool_for_coins(_from: address, _to: address, _i: uint256 = 0) -> address:
    """
    @notice Find the i-th pool of two coins, in order of deployment.
    @param _from One coin.
    @param _to The other; their order does not matter.
    @param _i Which of their pools, from 0.
    @return The pool, or zero if there are not so many.
    """
    return self._pair_list[self._lower(_from, _to)][self._higher(_from, _to)][_i]


@external
@view
def pool_count_for_coins(_from: address, _to: address) -> uint256:
    """
    @notice Count the pools of two coins.
    @param _from One coin.
    @param _to The other; their order does not matter.
    @return Number of pools.
    """
    return self._pair_count[self._lower(_from, _to)][self._higher(_from, _to)]


@internal
def _deploy(
    _name: String[64],
    _symbol: String[32],
    _coins: address[2],
    _are_vaults: bool[2],
    _parameters: pool_state.Parameters,
) -> address:
    """
    @notice Deploy a pool and list it.
    @param _name Name of its LP token.
    @param _symbol Symbol of its LP token.
    @param _coins Two tokens.
    @param _are_vaults Which of them count at their exit value.
    @param _parameters Amplification, fees and the period of the price average.
    @return The pool.
    @custom:reverts As `deploy_pool`.
    """
    assert _coins[0] != _coins[1], "same coin"
    self._check_coin(_coins[0], _are_vaults[0])
    self._check_coin(_coins[1], _are_vaults[1])
    self._check_parameters(_parameters)

    coins: pool_state.Coin[2] = [
        pool_state.Coin(token=_coins[0], is_vault=_are_vaults[0]),
        pool_state.Coin(token=_coins[1], is_vault=_are_vaults[1]),
    ]
    pool: address = create_from_blueprint(
        self.blueprint,
        _name,
        _symbol,
        ROLES.address,
        coins,
        _parameters,
        code_offset=PREAMBLE,
    )

    count: uint256 = self.pool_count
    self.pool_list[count] = pool
    self.pool_count = count + 1
    self.is_pool[pool] = True
    lower: address = self._lower(_coins[0], _coins[1])
    higher: address = self._higher(_coins[0], _coins[1])
    count = self._pair_count[lower][higher]
    self._pair_list[lower][higher][count] = pool
    self._pair_count[lower][higher] = count + 1
    log PoolDeployed(pool=pool, coin_0=_coins[0], coin_1=_coins[1], deployer=msg.sender)
    return pool


@internal
def _set_blueprint(_blueprint: address):
    """
    @notice Store the code of later pools.
    @param _blueprint An ERC-5202 blueprint.
    @custom:reverts "no code".
    """
    assert _blueprint.is_contract, "no code"
    self.blueprint = _blueprint
    log BlueprintSet(blueprint=_blueprint)


@internal
def _set_defaults(_parameters: pool_state.Parameters):
    """
    @notice Store the parameters of later pools that do not ask for their own.
    @param _parameters Amplification, fees and the period of the price average.
    @custom:reverts As `deploy_pool`.
    """
    self._check_parameters(_parameters)
    self.defaults = _parameters
    log DefaultsSet(
        amplification=_parameters.amplification,
        fee=_parameters.fee,
        multiplier=_parameters.multiplier,
        price_period=_parameters.price_period,
    )


@internal
@view
def _check_governor():
    """
    @notice Refuse whoever does not hold GOVERNOR.
    @custom:reverts "not governor".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"


@internal
@view
def _check_coin(_coin: address, _is_vault: bool):
    """
    @notice Refuse a token that no pool could count.
    @dev Pools call their coins without looking for code again.
    @param _coin The token.
    @param _is_vault Whether it is to count at its exit value.
    @custom:reverts "no code", "above 18 decimals", "zero rate".
    """
    assert _coin.is_contract, "no code"
    decimals: uint256 = self._decimals(_coin)
    assert decimals <= MAX_DECIMALS, "above 18 decimals"
    if _is_vault:
        asset: address = staticcall IERC4626(_coin).asset()
        assert asset.is_contract, "no code"
        assert self._decimals(asset) <= MAX_DECIMALS, "above 18 decimals"
        assert staticcall IERC4626(_coin).convertToAssets(10**decimals) != 0, "zero rate"


@internal
@view
def _decimals(_token: address) -> uint256:
    """
    @notice Read a token's decimals.
    @param _token The token.
    @return Its decimals.
    """
    return convert(staticcall IERC20Detailed(_token).decimals(), uint256)


@internal
@pure
def _check_parameters(_parameters: pool_state.Parameters):
    """
    @notice Refuse parameters outside the bounds of a pool.
    @param _parameters Amplification, fees and the period of the price average.
    @custom:reverts "A not 1 to 1e6", "fee above 1 %", "fee above 50 % off peg", "offpeg above 2^40",
                    "period not 1 to 2^20".
    """
    assert (_parameters.amplification != 0 and _parameters.amplification <= MAX_A), "A not 1 to 1e6"
    assert _parameters.fee <= MAX_FEE, "fee above 1 %"
    assert _parameters.multiplier <= MAX_MULTIPLIER, "offpeg above 2^40"
    assert (
        _parameters.multiplier * _parameters.fee <= FEE_ONE * FEE_ONE // 2
    ), "fee above 50 % off peg"
    assert (
        _parameters.price_period != 0 and _parameters.price_period <= MAX_PERIOD
    ), "period not 1 to 2^20"


@internal
@pure
def _lower(_a: address, _b: address) -> address:
    """
    @notice Order two addresses.
    @param _a One.
    @param _b The other.
    @return The lower one.
    """
    return _a if convert(_a, uint160) < convert(_b, uint160) else _b


@internal
@pure
def _higher(_a: address, _b: address) -> address:
    """
    @notice Order two addresses.
    @param _a One.
    @param _b The other.
    @return The higher one.
    """
    return _b if convert(_a, uint160) < convert(_b, uint160) else _a
