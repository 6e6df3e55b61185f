# pragma version 0.4.3
# pragma optimize codesize
# pragma nonreentrancy on
"""
@title StableSwap
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A pool of two coins that are worth about the same: plain ERC-20s or ERC-4626
        shares of at most 18 decimals. Neither rebasing nor fee-on-transfer tokens.
        The external ABI is that of Curve's StableSwap-NG; what differs in substance,
        every formula and the storage layout are in docs/pool.md.

        LPs can always leave by `remove_liquidity`: it needs neither a rate nor the
        solver. No operation but a change of the vault's price or of A lowers what a
        share is worth, and no order of deposits and withdrawals is cheaper than the
        swap it replaces.
@dev Every function is guarded by one transient lock, views too: in the middle of an
     operation nobody reads prices. State is written before tokens move.
"""

from ethereum.ercs import IERC20

from ..interfaces import IPoolFactory
from . import liquidity_math
from . import lp_token
from . import pool_parameters
from . import pool_state
from . import pool_views
from . import reasons
from . import stableswap_math as math
from . import swap_math
from . import transfers

implements: IERC20

initializes: lp_token
initializes: pool_state
initializes: pool_parameters[pool_state := pool_state]
initializes: pool_views[pool_state := pool_state]
exports: (
    lp_token.DOMAIN_SEPARATOR,
    lp_token.allowance,
    lp_token.approve,
    lp_token.balanceOf,
    lp_token.decimals,
    lp_token.name,
    lp_token.nonces,
    lp_token.permit,
    lp_token.salt,
    lp_token.symbol,
    lp_token.transfer,
    lp_token.transferFrom,
    lp_token.version,
    pool_parameters.__interface__,
    pool_state.MINIMUM_SUPPLY,
    pool_state.N_COINS,
    pool_views.__interface__,
)


event TokenExchange:
    buyer: indexed(address)
    sold_id: int128
    tokens_sold: uint256
    bought_id: int128
    tokens_bought: uint256


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

# modes of a swap
GIVEN: constant(uint256) = 0
RECEIVED: constant(uint256) = 1
EXACT_OUT: constant(uint256) = 2

# first topics of the events that are logged by hand
ADD_LIQUIDITY: constant(bytes32) = keccak256(
    "AddLiquidity(address,uint256[],uint256[],uint256,uint256)"
)
REMOVE_LIQUIDITY: constant(bytes32) = keccak256(
    "RemoveLiquidity(address,uint256[],uint256[],uint256)"
)
REMOVE_LIQUIDITY_IMBALANCE: constant(bytes32) = keccak256(
    "RemoveLiquidityImbalance(address,uint256[],uint256[],uint256,uint256)"
)

# where the fee receiver is named
factory: public(immutable(IPoolFactory))


@deploy
def __init__(
    _name: String[64],
    _symbol: String[32],
    _roles: address,
    _coins: pool_state.Coin[2],
    _parameters: pool_state.Parameters,
):
    """
    @notice Deployed by the factory, which has checked everything.
    @param _name Name of the LP token.
    @param _symbol Its symbol.
    @param _roles Where roles are held.
    @param _coins Tokens, and whether each is an ERC-4626 vault.
    @param _parameters Amplification, fees and the period of the price average.
    """
    factory = IPoolFactory(msg.sender)
    lp_token.__init__(_name, _symbol)
    pool_parameters.__init__(_roles)
    pool_state.__init__(_coins, _parameters)


@external
def exchange(
    _i: int128,
    _j: int128,
    _dx: uint256,
    _min_dy: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Sell coin i for coin j.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dx Amount sold, token units, pulled from the caller.
    @param _min_dy Least amount bought, token units.
    @param _receiver Who gets it.
    @param _deadline Last Unix time at which the trade may happen.
    @return Amount bought, token units, rounded down.
    @custom:reverts "deadline passed", "bad index", "same coin", "zero amount", "min out", "imbalance",
                    "balance cap", "out of domain", "transfer failed", "short transfer".
    """
    return self._exchange(_i, _j, _dx, _min_dy, _receiver, _deadline, GIVEN)


@external
def exchange_received(
    _i: int128,
    _j: int128,
    _dx: uint256,
    _min_dy: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Sell what of coin i has been sent to the pool beforehand, all of it: whatever the pool
            holds beyond its accounts belongs to whoever calls first. Send and call in one
            transaction.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dx Least amount that must have arrived, token units.
    @param _min_dy Least amount bought, token units.
    @param _receiver Who gets it.
    @param _deadline Last Unix time at which the trade may happen.
    @return Amount bought, token units, rounded down.
    @custom:reverts "not received" and as `exchange`.
    """
    return self._exchange(_i, _j, _dx, _min_dy, _receiver, _deadline, RECEIVED)


@external
def exchange_exact_out(
    _i: int128,
    _j: int128,
    _dy: uint256,
    _max_dx: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Buy exactly `_dy` of coin j with the least amount of coin i that reaches it.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dy Amount bought, token units.
    @param _max_dx Most that may be sold, token units.
    @param _receiver Who gets what is bought.
    @param _deadline Last Unix time at which the trade may happen.
    @return Amount sold, token units.
    @custom:reverts "max in", "out too large" and as `exchange`.
    """
    return self._exchange(_i, _j, _dy, _max_dx, _receiver, _deadline, EXACT_OUT)


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
    @custom:reverts "deadline passed", "bad length", "zero address", "zero amount", "not open" (the first
                    before the factory's opening), "first needs both", "zero shares", "min out", "imbalance", "balance cap", "out of domain",
                    "transfer failed", "short transfer".
    """
    self._check_deadline(_deadline)
    reasons._require(_receiver != empty(address), reasons.ADDRESS_ZERO)
    amounts: uint256[2] = self._pair(_amounts)
    state: pool_state.State = pool_state._load(False)
    balances: uint256[2] = self._deposited(state, amounts)
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    minted: uint256 = 0
    change: liquidity_math.Change = empty(liquidity_math.Change)

    if supply == 0:
        reasons._require(staticcall factory.opened(), reasons.NOT_OPEN)
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
    self._log_change(ADD_LIQUIDITY, amounts, change, supply)
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
    self._check_deadline(_deadline)
    least: uint256[2] = self._pair(_min_amounts)
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

    # token_amounts at 96, an empty list of fees at 192
    raw_log(
        [REMOVE_LIQUIDITY, convert(msg.sender, bytes32)],
        abi_encode(
            convert(96, uint256),
            convert(192, uint256),
            left,
            convert(2, uint256),
            amount_0,
            amount_1,
            convert(0, uint256),
        ),
    )
    transfers._push(pool_state.COIN_0, _receiver, amount_0)
    transfers._push(pool_state.COIN_1, _receiver, amount_1)
    if _claim_admin_fees:
        self._pay_admin_fees()
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
    self._check_deadline(_deadline)
    i: uint256 = self._single_index(_i)
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
    transfers._push(self._coin(i), _receiver, paid.dy)
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
    self._check_deadline(_deadline)
    amounts: uint256[2] = self._pair(_amounts)
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
    self._log_change(REMOVE_LIQUIDITY_IMBALANCE, amounts, change, supply)
    if amounts[0] != 0:
        transfers._push(pool_state.COIN_0, _receiver, amounts[0])
    if amounts[1] != 0:
        transfers._push(pool_state.COIN_1, _receiver, amounts[1])
    return burned


@external
def withdraw_admin_fees():
    """
    @notice Pay the protocol's fees to the factory's fee receiver; anyone may. A coin that cannot be
            sent now stays for later, and so do both while there is no receiver.
    """
    self._pay_admin_fees()


@external
@view
def get_dy(_i: int128, _j: int128, _dx: uint256) -> uint256:
    """
    @notice What `exchange` of `_dx` would pay now.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dx Token units.
    @return Token units.
    @custom:reverts As `exchange`.
    """
    i: uint256 = self._index(_i, _j)
    reasons._require(_dx != 0, reasons.ZERO_AMOUNT)
    quote: swap_math.Quote = swap_math._quote(pool_state._load(True), i, _dx)
    return quote.dy


@external
@view
def get_dx(_i: int128, _j: int128, _dy: uint256) -> uint256:
    """
    @notice The least input for which `exchange` would pay at least `_dy` now.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dy Token units.
    @return Token units.
    @custom:reverts As `exchange_exact_out`.
    """
    i: uint256 = self._index(_i, _j)
    reasons._require(_dy != 0, reasons.ZERO_AMOUNT)
    return swap_math._input_for(pool_state._load(True), i, _dy)


@external
@view
def calc_token_amount(_amounts: DynArray[uint256, 2], _is_deposit: bool) -> uint256:
    """
    @notice What `add_liquidity` would mint, or `remove_liquidity_imbalance` burn, now.
    @param _amounts Token units of both coins.
    @param _is_deposit Which of the two.
    @return LP wei.
    @custom:reverts As these functions.
    """
    amounts: uint256[2] = self._pair(_amounts)
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
    @notice What `remove_liquidity_one_coin` would pay now.
    @param _burn_amount LP wei.
    @param _i Coin paid out, 0 or 1.
    @return Token units.
    @custom:reverts "balance" if it is not below the supply, and as `remove_liquidity_one_coin`.
    """
    i: uint256 = self._single_index(_i)
    supply: uint256 = pool_state._supply & MASK_112
    reasons._require(_burn_amount < supply, reasons.BALANCE)
    paid: liquidity_math.OneCoin = liquidity_math._one_coin(
        pool_state._load(True), supply, _burn_amount, i
    )
    return paid.dy


@internal
def _exchange(
    _i: int128,
    _j: int128,
    _amount: uint256,
    _limit: uint256,
    _receiver: address,
    _deadline: uint256,
    _mode: uint256,
) -> uint256:
    """
    @notice Every swap.
    @param _amount Sold, or bought if the output is given.
    @param _limit Least amount bought, or most amount sold if the output is given.
    @param _mode GIVEN, RECEIVED or EXACT_OUT.
    @return The amount that was not given.
    """
    self._check_deadline(_deadline)
    i: uint256 = self._index(_i, _j)
    j: uint256 = unsafe_sub(1, i)
    if _amount == 0:
        reasons._fail(reasons.ZERO_AMOUNT)
    coin: address = self._coin(i)
    state: pool_state.State = pool_state._load(True)
    owed: uint256 = unsafe_add(state.balances[i], state.admin[i])  # both below 2^112

    dx: uint256 = _amount
    if _mode == RECEIVED:
        held: uint256 = staticcall IERC20(coin).balanceOf(self)
        dx = unsafe_sub(max(held, owed), owed)
        if dx < _amount:
            reasons._fail(reasons.NOT_RECEIVED)
    elif _mode == EXACT_OUT:
        dx = swap_math._input_for(state, i, _amount)
        if dx > _limit:
            reasons._fail(reasons.MAX_IN)
    quote: swap_math.Quote = swap_math._quote(state, i, dx)
    dy: uint256 = quote.dy
    if _mode == EXACT_OUT:
        dy = _amount
    elif dy < _limit:
        reasons._fail(reasons.MIN_OUT)
    # the quote has checked: dx fits, and dy and the fee are part of the balance
    state.balances[i] = unsafe_add(state.balances[i], dx)
    state.balances[j] = unsafe_sub(state.balances[j], unsafe_add(dy, quote.admin))
    state.admin[j] = unsafe_add(state.admin[j], quote.admin)
    pool_state._store(state)
    log TokenExchange(buyer=msg.sender, sold_id=_i, tokens_sold=dx, bought_id=_j, tokens_bought=dy)
    if _mode != RECEIVED:
        transfers._pull(coin, dx, unsafe_add(owed, dx))
    transfers._push(self._coin(j), _receiver, dy)
    return dx if _mode == EXACT_OUT else dy


@internal
@view
def _check_deadline(_deadline: uint256):
    if block.timestamp > _deadline:
        reasons._fail(reasons.DEADLINE_PASSED)


@internal
@pure
def _index(_i: int128, _j: int128) -> uint256:
    """
    @notice The coin that is sold.
    """
    if _i == 0 and _j == 1:
        return 0
    if _i == 1 and _j == 0:
        return 1
    reasons._require(_i == _j and (_i == 0 or _i == 1), reasons.BAD_INDEX)
    reasons._fail(reasons.SAME_COIN)
    return 0


@internal
@pure
def _single_index(_i: int128) -> uint256:
    reasons._require(_i == 0 or _i == 1, reasons.BAD_INDEX)
    return convert(_i, uint256)


@internal
@view
def _coin(_i: uint256) -> address:
    return pool_state.COIN_1 if _i == 1 else pool_state.COIN_0


@internal
@pure
def _pair(_amounts: DynArray[uint256, 2]) -> uint256[2]:
    reasons._require(len(_amounts) == 2, reasons.BAD_LENGTH)
    return [_amounts[0], _amounts[1]]


@internal
@pure
def _deposited(_state: pool_state.State, _amounts: uint256[2]) -> uint256[2]:
    """
    @notice Balances after a deposit.
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
    @notice Balances after a withdrawal.
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
    @notice D of the first deposit, above the minimum that is locked.
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
    @notice Keep what a change of unequal amounts has changed.
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
    @notice Keep balances and a new supply, both averages, and D per share as it was before.
    """
    reasons._require(_supply <= MASK_112, reasons.BALANCE_CAP)
    pool_state._store(_state)
    pool_state._store_supply(_word, _supply, _state.d)
    pool_state._store_virtual(_state.d, _word & MASK_112)


@internal
def _log_change(
    _event: bytes32, _amounts: uint256[2], _change: liquidity_math.Change, _supply: uint256
):
    """
    @notice Log AddLiquidity or RemoveLiquidityImbalance, whose data have one form: by hand, for two
            lists of known length cost the compiler's encoder 600 bytes.
    """
    # token_amounts at 128, fees at 224; the fee is the short coin's
    raw_log(
        [_event, convert(msg.sender, bytes32)],
        abi_encode(
            convert(128, uint256),
            convert(224, uint256),
            _change.d1,
            _supply,
            convert(2, uint256),
            _amounts,
            convert(2, uint256),
            unsafe_mul(_change.fee, unsafe_sub(1, _change.short)),
            unsafe_mul(_change.fee, _change.short),
        ),
    )


@internal
def _pay_admin_fees():
    receiver: address = staticcall factory.fee_receiver()
    if receiver == empty(address):
        return
    word: uint256 = pool_state._upkeep
    fee_0: uint256 = word & MASK_88
    fee_1: uint256 = (word >> 88) & MASK_88
    # re-entry is locked out: a coin's fees are forgotten when they have arrived
    if fee_0 != 0 and transfers._push_if_possible(pool_state.COIN_0, receiver, fee_0):
        word = unsafe_sub(word, fee_0)
    if fee_1 != 0 and transfers._push_if_possible(pool_state.COIN_1, receiver, fee_1):
        word = unsafe_sub(word, fee_1 << 88)
    pool_state._upkeep = word
