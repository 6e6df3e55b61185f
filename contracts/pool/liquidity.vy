# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Deposits into a pool and withdrawals from it
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice An operation in unequal amounts is a proportional one and a swap, and pays what that swap
        would pay. Only `remove_liquidity` needs neither a rate nor the solver: LPs can always leave
        by it.
@dev State is written before tokens move.
"""

from . import admin_fees
from . import arguments
from . import liquidity_math
from . import lp_token
from . import pool_state
from . import reasons
from . import stableswap_math as math
from . import swap_math
from . import transfers

uses: admin_fees
uses: lp_token
uses: pool_state


event AddLiquidity:
    provider: indexed(address)
    token_amounts: DynArray[uint256, 2]
    fees: DynArray[uint256, 2]
    invariant: uint256
    token_supply: uint256


event RemoveLiquidity:
    provider: indexed(address)
    token_amounts: DynArray[uint256, 2]
    fees: DynArray[uint256, 2]
    token_supply: uint256


event RemoveLiquidityOne:
    provider: indexed(address)
    token_id: int128
    token_amount: uint256
    coin_amount: uint256
    token_supply: uint256


event RemoveLiquidityImbalance:
    provider: indexed(address)
    token_amounts: DynArray[uint256, 2]
    fees: DynArray[uint256, 2]
    invariant: uint256
    token_supply: uint256


WAD: constant(uint256) = 10**18
MASK_88: constant(uint256) = 2**88 - 1
MASK_112: constant(uint256) = 2**112 - 1
MASK_128: constant(uint256) = 2**128 - 1


@external
def add_liquidity(
    _amounts: DynArray[uint256, 2],
    _min_mint_amount: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Deposit coins, in any proportion but the first time.
    @param _amounts Token units of both coins, pulled from the caller.
    @param _min_mint_amount Least amount of LP wei.
    @param _receiver Who gets the LP tokens.
    @param _deadline Last Unix time at which the deposit may happen.
    @return LP wei minted, rounded down.
    @custom:reverts "deadline passed", "bad length", "zero address", "zero amount", "not open" (the
                    first deposit before the factory is open), "first needs both", "zero shares",
                    "min out", "imbalance", "balance cap", "out of domain", "transfer failed",
                    "short transfer".
    """
    arguments._check_deadline(_deadline)
    reasons._require(_receiver != empty(address), reasons.ADDRESS_ZERO)
    amounts: uint256[2] = arguments._pair(_amounts)
    state: pool_state.State = pool_state._load(False)
    balances: uint256[2] = self._deposited(state, amounts)
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    minted: uint256 = 0
    change: liquidity_math.Change = empty(liquidity_math.Change)

    if supply == 0:
        reasons._require(staticcall admin_fees.factory.opened(), reasons.NOT_OPEN)
        change.d1 = self._first_invariant(state, balances)
        supply = change.d1
        minted = supply - pool_state.MINIMUM_SUPPLY
        state.balances = balances
        pool_state._start(state, supply)
        lp_token._mint(empty(address), pool_state.MINIMUM_SUPPLY)
    else:
        state.d = math._invariant(state.values[0], state.values[1], state.ann)
        change = liquidity_math._change(state, balances, True)
        minted = liquidity_math._minted(change, supply)
        supply += minted
        self._settle_change(state, change, balances, word, supply)

    reasons._require(minted >= _min_mint_amount, reasons.MIN_OUT)
    lp_token._mint(_receiver, minted)
    log AddLiquidity(
        provider=msg.sender,
        token_amounts=_amounts,
        fees=self._fees(change),
        invariant=change.d1,
        token_supply=supply,
    )
    # what the pool must hold of each coin then
    word = pool_state._balances
    upkeep: uint256 = pool_state._upkeep
    if amounts[0] != 0:
        owed: uint256 = unsafe_add(word & MASK_112, upkeep & MASK_88)
        transfers._pull(pool_state.COIN_0, amounts[0], owed)
    if amounts[1] != 0:
        owed: uint256 = unsafe_add((word >> 112) & MASK_112, (upkeep >> 88) & MASK_88)
        transfers._pull(pool_state.COIN_1, amounts[1], owed)
    return minted


@external
def remove_liquidity(
    _burn_amount: uint256,
    _min_amounts: DynArray[uint256, 2],
    _receiver: address = msg.sender,
    _claim_admin_fees: bool = True,
    _deadline: uint256 = max_value(uint256),
) -> DynArray[uint256, 2]:
    """
    @notice Withdraw both coins in the pool's proportion, free of fees. It works in any state of the
            pool and of its vaults.
    @param _burn_amount LP wei burned.
    @param _min_amounts Least amounts, token units.
    @param _receiver Who gets the coins.
    @param _claim_admin_fees Whether to pay out the protocol's fees as well, as far as that works.
    @param _deadline Last Unix time at which the withdrawal may happen.
    @return Amounts paid, token units, rounded down.
    @custom:reverts "deadline passed", "bad length", "zero amount", "balance", "min out",
                    "transfer failed".
    """
    arguments._check_deadline(_deadline)
    least: uint256[2] = arguments._pair(_min_amounts)
    reasons._require(_burn_amount != 0, reasons.ZERO_AMOUNT)
    lp_token._burn(msg.sender, _burn_amount)
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    left: uint256 = unsafe_sub(supply, _burn_amount)  # a balance is part of the supply
    # since the last operation that solved for D: supply < 2^112, virtual price < 2^128
    d: uint256 = unsafe_div(unsafe_mul(supply, pool_state._virtual & MASK_128), WAD)
    pool_state._store_supply(word, left, d)

    # the price of the state does not change, and neither does its average's time
    word = pool_state._balances
    balance_0: uint256 = word & MASK_112
    balance_1: uint256 = (word >> 112) & MASK_112
    # below 2^224; the locked minimum keeps the supply above zero
    amount_0: uint256 = unsafe_div(unsafe_mul(balance_0, _burn_amount), supply)
    amount_1: uint256 = unsafe_div(unsafe_mul(balance_1, _burn_amount), supply)
    reasons._require(amount_0 >= least[0] and amount_1 >= least[1], reasons.MIN_OUT)
    # both at once: neither field borrows from the next
    pool_state._balances = unsafe_sub(word, amount_0 | (amount_1 << 112))

    log RemoveLiquidity(
        provider=msg.sender, token_amounts=[amount_0, amount_1], fees=[], token_supply=left
    )
    transfers._push(pool_state.COIN_0, _receiver, amount_0)
    transfers._push(pool_state.COIN_1, _receiver, amount_1)
    if _claim_admin_fees:
        admin_fees._pay()
    return [amount_0, amount_1]


@external
def remove_liquidity_one_coin(
    _burn_amount: uint256,
    _i: int128,
    _min_received: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Withdraw one coin: a balanced withdrawal, and a swap of the other coin at what remains.
    @param _burn_amount LP wei burned.
    @param _i Coin paid out, 0 or 1.
    @param _min_received Least amount, token units.
    @param _receiver Who gets it.
    @param _deadline Last Unix time at which the withdrawal may happen.
    @return Amount paid, token units, rounded down.
    @custom:reverts "deadline passed", "bad index", "zero amount", "balance", "min out", "imbalance",
                    "out of domain", "transfer failed".
    """
    arguments._check_deadline(_deadline)
    i: uint256 = arguments._single_index(_i)
    lp_token._burn(msg.sender, _burn_amount)
    state: pool_state.State = pool_state._load(True)
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    paid: liquidity_math.OneCoin = liquidity_math._one_coin(state, supply, _burn_amount, i)
    reasons._require(paid.dy >= _min_received, reasons.MIN_OUT)

    # together they are worth no more than the coin's balance
    state.balances[i] = unsafe_sub(state.balances[i], unsafe_add(paid.dy, paid.admin))
    state.admin[i] = unsafe_add(state.admin[i], paid.admin)
    left: uint256 = unsafe_sub(supply, _burn_amount)  # a balance is part of the supply
    self._settle_supply(state, word, left)
    log RemoveLiquidityOne(
        provider=msg.sender,
        token_id=_i,
        token_amount=_burn_amount,
        coin_amount=paid.dy,
        token_supply=left,
    )
    transfers._push(pool_state._coin(i), _receiver, paid.dy)
    return paid.dy


@external
def remove_liquidity_imbalance(
    _amounts: DynArray[uint256, 2],
    _max_burn_amount: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Withdraw given amounts.
    @param _amounts Token units of both coins.
    @param _max_burn_amount Most LP wei that may be burned.
    @param _receiver Who gets the coins.
    @param _deadline Last Unix time at which the withdrawal may happen.
    @return LP wei burned, rounded up.
    @custom:reverts "deadline passed", "bad length", "zero amount", "out too large", "balance", "max in",
                    "imbalance", "out of domain", "transfer failed".
    """
    arguments._check_deadline(_deadline)
    amounts: uint256[2] = arguments._pair(_amounts)
    state: pool_state.State = pool_state._load(True)
    balances: uint256[2] = self._withdrawn(state, amounts)
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    change: liquidity_math.Change = liquidity_math._change(state, balances, False)
    burned: uint256 = liquidity_math._burned(change, supply)
    reasons._require(burned <= _max_burn_amount, reasons.MAX_IN)

    lp_token._burn(msg.sender, burned)
    supply = unsafe_sub(supply, burned)  # a balance is part of the supply
    self._settle_change(state, change, balances, word, supply)
    log RemoveLiquidityImbalance(
        provider=msg.sender,
        token_amounts=_amounts,
        fees=self._fees(change),
        invariant=change.d1,
        token_supply=supply,
    )
    if amounts[0] != 0:
        transfers._push(pool_state.COIN_0, _receiver, amounts[0])
    if amounts[1] != 0:
        transfers._push(pool_state.COIN_1, _receiver, amounts[1])
    return burned


@external
@view
def calc_token_amount(_amounts: DynArray[uint256, 2], _is_deposit: bool) -> uint256:
    """
    @notice Quote what `add_liquidity` would mint, or `remove_liquidity_imbalance` burn, now.
    @param _amounts Token units of both coins.
    @param _is_deposit Which of the two.
    @return LP wei; minted rounded down, burned rounded up.
    @custom:reverts As these functions.
    """
    amounts: uint256[2] = arguments._pair(_amounts)
    supply: uint256 = pool_state._supply & MASK_112
    if _is_deposit and supply == 0:
        empty_pool: pool_state.State = pool_state._load(False)
        return (
            self._first_invariant(empty_pool, self._deposited(empty_pool, amounts))
            - pool_state.MINIMUM_SUPPLY
        )

    state: pool_state.State = pool_state._load(True)
    balances: uint256[2] = amounts
    if _is_deposit:
        balances = self._deposited(state, amounts)
    else:
        balances = self._withdrawn(state, amounts)
    change: liquidity_math.Change = liquidity_math._change(state, balances, _is_deposit)
    if _is_deposit:
        return liquidity_math._minted(change, supply)
    return liquidity_math._burned(change, supply)


@external
@view
def calc_withdraw_one_coin(_burn_amount: uint256, _i: int128) -> uint256:
    """
    @notice Quote what `remove_liquidity_one_coin` would pay now.
    @param _burn_amount LP wei.
    @param _i Coin paid out, 0 or 1.
    @return Token units, rounded down.
    @custom:reverts "balance" if it is not below the supply, and as `remove_liquidity_one_coin`.
    """
    i: uint256 = arguments._single_index(_i)
    supply: uint256 = pool_state._supply & MASK_112
    reasons._require(_burn_amount < supply, reasons.BALANCE)
    paid: liquidity_math.OneCoin = liquidity_math._one_coin(
        pool_state._load(True), supply, _burn_amount, i
    )
    return paid.dy


@internal
@pure
def _deposited(_state: pool_state.State, _amounts: uint256[2]) -> uint256[2]:
    """
    @notice Add a deposit to the balances.
    @param _state The pool.
    @param _amounts Token units of both coins.
    @return Balances after the deposit, token units.
    @custom:reverts "zero amount", "balance cap".
    """
    both: uint256 = _amounts[0] | _amounts[1]
    reasons._require(both != 0, reasons.ZERO_AMOUNT)
    reasons._require(both <= MASK_112, reasons.BALANCE_CAP)
    return [
        unsafe_add(_state.balances[0], _amounts[0]), unsafe_add(_state.balances[1], _amounts[1])
    ]


@internal
@pure
def _withdrawn(_state: pool_state.State, _amounts: uint256[2]) -> uint256[2]:
    """
    @notice Take a withdrawal from the balances.
    @param _state The pool.
    @param _amounts Token units of both coins.
    @return Balances after the withdrawal, token units, neither of them zero.
    @custom:reverts "zero amount", "out too large".
    """
    reasons._require(_amounts[0] | _amounts[1] != 0, reasons.ZERO_AMOUNT)
    reasons._require(
        _amounts[0] < _state.balances[0] and _amounts[1] < _state.balances[1],
        reasons.OUT_TOO_LARGE,
    )
    return [
        unsafe_sub(_state.balances[0], _amounts[0]), unsafe_sub(_state.balances[1], _amounts[1])
    ]


@internal
@view
def _first_invariant(_state: pool_state.State, _balances: uint256[2]) -> uint256:
    """
    @notice Compute D of the first deposit, above the minimum that is locked.
    @param _state The pool, empty.
    @param _balances What is deposited, token units.
    @return D, 18 decimals, rounded down: the supply.
    @custom:reverts "first needs both", "zero shares", "balance cap", "imbalance", "out of domain".
    """
    reasons._require(_balances[0] != 0 and _balances[1] != 0, reasons.FIRST_NEEDS_BOTH)
    values: uint256[2] = liquidity_math._values(_state, _balances)
    swap_math._check_imbalance(values[0], values[1], 1, 1)
    d: uint256 = math._invariant(values[0], values[1], _state.ann)
    reasons._require(d > pool_state.MINIMUM_SUPPLY, reasons.ZERO_SHARES)
    return d


@internal
def _settle_change(
    _state: pool_state.State,
    _change: liquidity_math.Change,
    _balances: uint256[2],
    _word: uint256,
    _supply: uint256,
):
    """
    @notice Store what a change of unequal amounts has changed.
    @param _state The pool as loaded before it.
    @param _change What it charges.
    @param _balances New balances, token units, the protocol's fee not yet taken.
    @param _word The supply's word as it was.
    @param _supply New supply, LP wei.
    @custom:reverts "balance cap".
    """
    state: pool_state.State = _state
    state.balances = _balances
    j: uint256 = _change.short
    # the protocol's part is below the balance, and fits its counter
    state.balances[j] = unsafe_sub(state.balances[j], _change.admin)
    state.admin[j] = unsafe_add(state.admin[j], _change.admin)
    self._settle_supply(state, _word, _supply)


@internal
def _settle_supply(_state: pool_state.State, _word: uint256, _supply: uint256):
    """
    @notice Store balances and a new supply, both averages, and D per share as it was before.
    @param _state The pool, with new balances and fees, and D from before.
    @param _word The supply's word as it was.
    @param _supply New supply, LP wei.
    @custom:reverts "balance cap".
    """
    reasons._require(_supply <= MASK_112, reasons.BALANCE_CAP)
    pool_state._store(_state)
    pool_state._store_supply(_word, _supply, _state.d)
    pool_state._store_virtual(_state.d, _word & MASK_112)


@internal
@pure
def _fees(_change: liquidity_math.Change) -> DynArray[uint256, 2]:
    """
    @notice List the fee of a change by coin, for its event.
    @param _change As charged; the fee is the short coin's.
    @return Token units.
    """
    if _change.short == 0:
        return [_change.fee, 0]
    return [0, _change.fee]
