# pragma version 0.4.3
# pragma optimize gas
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
from . import stableswap_math as math
from . import swap_math
from . import transfers

implements: IERC20

initializes: lp_token
initializes: pool_state
initializes: pool_parameters[pool_state := pool_state]
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
    pool_state.__interface__,
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
PRICE_CAP: constant(uint256) = 2 * WAD
PPM_IN_FEE: constant(uint256) = 10**4
MASK_112: constant(uint256) = 2**112 - 1
MASK_128: constant(uint256) = 2**128 - 1

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
    assert block.timestamp <= _deadline, "deadline passed"
    i: uint256 = self._index(_i, _j)
    assert _dx != 0, "zero amount"
    state: pool_state.State = pool_state._load()
    d: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    quote: swap_math.Quote = swap_math._quote(state, d, i, _dx)
    assert quote.dy >= _min_dy, "min out"

    owed: uint256 = self._settle(state, d, i, _dx, quote.dy, quote.admin)
    log TokenExchange(
        buyer=msg.sender, sold_id=_i, tokens_sold=_dx, bought_id=_j, tokens_bought=quote.dy
    )
    transfers._pull(self._coin(i), _dx, owed)
    transfers._push(self._coin(1 - i), _receiver, quote.dy)
    return quote.dy


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
    assert block.timestamp <= _deadline, "deadline passed"
    i: uint256 = self._index(_i, _j)
    assert _dx != 0, "zero amount"
    state: pool_state.State = pool_state._load()
    held: uint256 = staticcall IERC20(self._coin(i)).balanceOf(self)
    owed: uint256 = unsafe_add(state.balances[i], state.admin[i])  # both below 2^112
    assert held >= owed and unsafe_sub(held, owed) >= _dx, "not received"
    dx: uint256 = unsafe_sub(held, owed)
    d: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    quote: swap_math.Quote = swap_math._quote(state, d, i, dx)
    assert quote.dy >= _min_dy, "min out"

    self._settle(state, d, i, dx, quote.dy, quote.admin)
    log TokenExchange(
        buyer=msg.sender, sold_id=_i, tokens_sold=dx, bought_id=_j, tokens_bought=quote.dy
    )
    transfers._push(self._coin(1 - i), _receiver, quote.dy)
    return quote.dy


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
    assert block.timestamp <= _deadline, "deadline passed"
    i: uint256 = self._index(_i, _j)
    assert _dy != 0, "zero amount"
    state: pool_state.State = pool_state._load()
    d: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    dx: uint256 = swap_math._input_for(state, d, i, _dy)
    assert dx <= _max_dx, "max in"
    quote: swap_math.Quote = swap_math._quote(state, d, i, dx)

    owed: uint256 = self._settle(state, d, i, dx, _dy, quote.admin)
    log TokenExchange(
        buyer=msg.sender, sold_id=_i, tokens_sold=dx, bought_id=_j, tokens_bought=_dy
    )
    transfers._pull(self._coin(i), dx, owed)
    transfers._push(self._coin(1 - i), _receiver, _dy)
    return dx


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
    @custom:reverts "deadline passed", "bad length", "zero address", "zero amount", "first needs both",
                    "zero shares", "min out", "supply cap", "imbalance", "balance cap", "out of domain",
                    "transfer failed", "short transfer".
    """
    assert block.timestamp <= _deadline, "deadline passed"
    assert _receiver != empty(address), "zero address"
    state: pool_state.State = pool_state._load()
    balances: uint256[2] = self._deposited(state, _amounts)
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    virtual: uint256 = pool_state._virtual
    minted: uint256 = 0
    invariant: uint256 = 0
    fees: DynArray[uint256, 2] = [0, 0]

    if supply == 0:
        invariant = self._first_invariant(state, balances)
        supply = invariant
        minted = invariant - pool_state.MINIMUM_SUPPLY
        state.balances = balances
        pool_state._write(state, state.average, 0)
        # no time has passed for an average of D: it starts at what is there
        pool_state._supply = supply | (supply << 112) | (block.timestamp << 224)
        pool_state._virtual = ((virtual >> 128) << 128) | WAD
        lp_token._mint(empty(address), pool_state.MINIMUM_SUPPLY)
    else:
        d0: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
        change: liquidity_math.Change = liquidity_math._change(state, d0, balances, True)
        minted = liquidity_math._minted(change, supply)
        invariant = change.d1
        fees[change.short] = change.fee
        self._settle_change(state, change, balances, word, supply + minted, virtual)
        supply = unsafe_add(supply, minted)

    assert minted >= _min_mint_amount, "min out"
    lp_token._mint(_receiver, minted)
    log AddLiquidity(
        provider=msg.sender,
        token_amounts=_amounts,
        fees=fees,
        invariant=invariant,
        token_supply=supply,
    )
    word = pool_state._balances
    upkeep: uint256 = pool_state._upkeep
    if _amounts[0] != 0:
        transfers._pull(
            self._coin(0), _amounts[0], unsafe_add(word & MASK_112, upkeep & (2**88 - 1))
        )
    if _amounts[1] != 0:
        transfers._pull(
            self._coin(1),
            _amounts[1],
            unsafe_add((word >> 112) & MASK_112, (upkeep >> 88) & (2**88 - 1)),
        )
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
    assert block.timestamp <= _deadline, "deadline passed"
    assert len(_min_amounts) == 2, "bad length"
    assert _burn_amount != 0, "zero amount"
    lp_token._burn(msg.sender, _burn_amount)
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    virtual: uint256 = pool_state._virtual
    left: uint256 = unsafe_sub(supply, _burn_amount)  # a balance is part of the supply
    pool_state._store_supply(
        word, left, unsafe_div(unsafe_mul(supply, virtual & MASK_128), WAD), virtual
    )

    # the price of the state does not change, and neither does its average's time
    word = pool_state._balances
    balance_0: uint256 = word & MASK_112
    balance_1: uint256 = (word >> 112) & MASK_112
    # below 2^224; the locked minimum keeps the supply above zero
    amount_0: uint256 = unsafe_div(unsafe_mul(balance_0, _burn_amount), supply)
    amount_1: uint256 = unsafe_div(unsafe_mul(balance_1, _burn_amount), supply)
    assert amount_0 >= _min_amounts[0] and amount_1 >= _min_amounts[1], "min out"
    pool_state._balances = (
        unsafe_sub(balance_0, amount_0)
        | (unsafe_sub(balance_1, amount_1) << 112)
        | ((word >> 224) << 224)
    )

    amounts: DynArray[uint256, 2] = [amount_0, amount_1]
    log RemoveLiquidity(
        provider=msg.sender, token_amounts=amounts, fees=[], token_supply=left
    )
    transfers._push(self._coin(0), _receiver, amount_0)
    transfers._push(self._coin(1), _receiver, amount_1)
    if _claim_admin_fees:
        self._pay_admin_fees()
    return amounts


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
    assert block.timestamp <= _deadline, "deadline passed"
    i: uint256 = self._single_index(_i)
    assert _burn_amount != 0, "zero amount"
    lp_token._burn(msg.sender, _burn_amount)
    state: pool_state.State = pool_state._load()
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    d0: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    paid: liquidity_math.OneCoin = liquidity_math._one_coin(state, d0, supply, _burn_amount, i)
    assert paid.dy >= _min_received, "min out"

    # together they are worth no more than the coin's balance
    state.balances[i] = unsafe_sub(state.balances[i], unsafe_add(paid.dy, paid.admin))
    state.admin[i] = unsafe_add(state.admin[i], paid.admin)
    left: uint256 = unsafe_sub(supply, _burn_amount)  # a balance is part of the supply
    self._settle_supply(state, d0, word, left, pool_state._virtual)
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
    assert block.timestamp <= _deadline, "deadline passed"
    state: pool_state.State = pool_state._load()
    balances: uint256[2] = self._withdrawn(state, _amounts)
    word: uint256 = pool_state._supply
    supply: uint256 = word & MASK_112
    d0: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    change: liquidity_math.Change = liquidity_math._change(state, d0, balances, False)
    burned: uint256 = liquidity_math._burned(change, supply)
    assert burned <= _max_burn_amount, "max in"

    lp_token._burn(msg.sender, burned)
    left: uint256 = unsafe_sub(supply, burned)  # a balance is part of the supply
    self._settle_change(state, change, balances, word, left, pool_state._virtual)
    fees: DynArray[uint256, 2] = [0, 0]
    fees[change.short] = change.fee
    log RemoveLiquidityImbalance(
        provider=msg.sender,
        token_amounts=_amounts,
        fees=fees,
        invariant=change.d1,
        token_supply=left,
    )
    if _amounts[0] != 0:
        transfers._push(self._coin(0), _receiver, _amounts[0])
    if _amounts[1] != 0:
        transfers._push(self._coin(1), _receiver, _amounts[1])
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
    assert _dx != 0, "zero amount"
    state: pool_state.State = pool_state._load()
    d: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    quote: swap_math.Quote = swap_math._quote(state, d, i, _dx)
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
    assert _dy != 0, "zero amount"
    state: pool_state.State = pool_state._load()
    d: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    return swap_math._input_for(state, d, i, _dy)


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
    state: pool_state.State = pool_state._load()
    supply: uint256 = pool_state._supply & MASK_112
    if _is_deposit:
        balances: uint256[2] = self._deposited(state, _amounts)
        if supply == 0:
            return self._first_invariant(state, balances) - pool_state.MINIMUM_SUPPLY
        d0: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
        return liquidity_math._minted(
            liquidity_math._change(state, d0, balances, True), supply
        )
    balances: uint256[2] = self._withdrawn(state, _amounts)
    d0: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    return liquidity_math._burned(liquidity_math._change(state, d0, balances, False), supply)


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
    assert _burn_amount != 0, "zero amount"
    supply: uint256 = pool_state._supply & MASK_112
    assert _burn_amount < supply, "balance"
    state: pool_state.State = pool_state._load()
    d0: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    paid: liquidity_math.OneCoin = liquidity_math._one_coin(state, d0, supply, _burn_amount, i)
    return paid.dy


@external
@view
def get_virtual_price() -> uint256:
    """
    @notice D per LP token: what a share is worth at the peg.
    @return 1e18, rounded down.
    @custom:reverts "out of domain", also in an empty pool.
    """
    state: pool_state.State = pool_state._load()
    d: uint256 = math._invariant(state.values[0], state.values[1], state.ann)
    return d * WAD // (pool_state._supply & MASK_112)


@external
@view
def dynamic_fee(_i: int128, _j: int128) -> uint256:
    """
    @notice The fee's rate at the balances as they are, surcharge included. A trade pays the rate half
            way between the balances before and after it.
    @param _i 0 or 1.
    @param _j The other one.
    @return 1e10 = one.
    @custom:reverts "bad index", "same coin".
    """
    self._index(_i, _j)
    state: pool_state.State = pool_state._load()
    return math._fee_rate(
        state.values[0],
        state.values[1],
        state.fee,
        state.multiplier,
        state.surcharge * PPM_IN_FEE,
    )


@external
@view
def get_p(_i: uint256) -> uint256:
    """
    @notice Price of coin 1 in coin 0 in the pool as it is, as values: rates are not in it.
    @param _i 0.
    @return 1e18.
    @custom:reverts "bad index", "out of domain".
    """
    assert _i == 0, "bad index"
    state: pool_state.State = pool_state._load()
    return self._price(state)


@external
@view
def last_price(_i: uint256) -> uint256:
    """
    @notice `get_p`, at most 2: what the average takes in.
    @param _i 0.
    @return 1e18.
    @custom:reverts "bad index", "out of domain".
    """
    assert _i == 0, "bad index"
    state: pool_state.State = pool_state._load()
    return min(self._price(state), PRICE_CAP)


@external
@view
def price_oracle(_i: uint256) -> uint256:
    """
    @notice Moving average of `last_price` over time.
    @param _i 0.
    @return 1e18.
    @custom:reverts "bad index", "out of domain".
    """
    assert _i == 0, "bad index"
    state: pool_state.State = pool_state._load()
    return pool_state._price_average(state, min(self._price(state), PRICE_CAP))


@external
@view
def D_oracle() -> uint256:
    """
    @notice Moving average of D over time.
    @return 18 decimals.
    @custom:reverts "out of domain".
    """
    state: pool_state.State = pool_state._load()
    return pool_state._d_average(
        pool_state._supply,
        math._invariant(state.values[0], state.values[1], state.ann),
        pool_state._virtual,
    )


@internal
@pure
def _index(_i: int128, _j: int128) -> uint256:
    """
    @notice The coin that is sold.
    """
    i: uint256 = self._single_index(_i)
    assert _j == 0 or _j == 1, "bad index"
    assert _i != _j, "same coin"
    return i


@internal
@pure
def _single_index(_i: int128) -> uint256:
    assert _i == 0 or _i == 1, "bad index"
    return convert(_i, uint256)


@internal
@view
def _coin(_i: uint256) -> address:
    return pool_state.COIN_1 if _i == 1 else pool_state.COIN_0


@internal
@view
def _price(_state: pool_state.State) -> uint256:
    return math._price(
        math._invariant(_state.values[0], _state.values[1], _state.ann),
        _state.values[0],
        _state.values[1],
        _state.ann,
    )


@internal
@pure
def _deposited(
    _state: pool_state.State, _amounts: DynArray[uint256, 2]
) -> uint256[2]:
    """
    @notice Balances after a deposit.
    """
    assert len(_amounts) == 2, "bad length"
    both: uint256 = _amounts[0] | _amounts[1]
    assert both != 0, "zero amount"
    assert both <= MASK_112, "balance cap"
    return [
        unsafe_add(_state.balances[0], _amounts[0]), unsafe_add(_state.balances[1], _amounts[1])
    ]


@internal
@pure
def _withdrawn(
    _state: pool_state.State, _amounts: DynArray[uint256, 2]
) -> uint256[2]:
    """
    @notice Balances after a withdrawal.
    """
    assert len(_amounts) == 2, "bad length"
    assert _amounts[0] | _amounts[1] != 0, "zero amount"
    assert (
        _amounts[0] < _state.balances[0] and _amounts[1] < _state.balances[1]
    ), "out too large"
    return [
        unsafe_sub(_state.balances[0], _amounts[0]), unsafe_sub(_state.balances[1], _amounts[1])
    ]


@internal
@view
def _first_invariant(_state: pool_state.State, _balances: uint256[2]) -> uint256:
    """
    @notice D of the first deposit, above the minimum that is locked.
    """
    assert _balances[0] != 0 and _balances[1] != 0, "first needs both"
    values: uint256[2] = liquidity_math._values(_state, _balances)
    swap_math._check_imbalance(values[0], values[1], 1, 1)
    d: uint256 = math._invariant(values[0], values[1], _state.ann)
    assert d > pool_state.MINIMUM_SUPPLY, "zero shares"
    return d


@internal
def _settle(
    _state: pool_state.State,
    _d: uint256,
    _i: uint256,
    _dx: uint256,
    _dy: uint256,
    _admin: uint256,
) -> uint256:
    """
    @notice Keep what a swap of coin i has changed.
    @return What the pool owes of coin i then, token units.
    """
    state: pool_state.State = _state
    j: uint256 = unsafe_sub(1, _i)
    # the quote has checked: dx fits, and dy and the fee are part of the balance
    state.balances[_i] = unsafe_add(state.balances[_i], _dx)
    state.balances[j] = unsafe_sub(state.balances[j], unsafe_add(_dy, _admin))
    state.admin[j] = unsafe_add(state.admin[j], _admin)
    pool_state._store(state, _d)
    return unsafe_add(state.balances[_i], state.admin[_i])


@internal
def _settle_change(
    _state: pool_state.State,
    _change: liquidity_math.Change,
    _balances: uint256[2],
    _word: uint256,
    _supply: uint256,
    _virtual: uint256,
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
    self._settle_supply(state, _change.d0, _word, _supply, _virtual)


@internal
def _settle_supply(
    _state: pool_state.State, _d0: uint256, _word: uint256, _supply: uint256, _virtual: uint256
):
    """
    @notice Keep balances and a new supply, both averages, and D per share as it was before.
    """
    assert _supply <= MASK_112, "supply cap"
    pool_state._store(_state, _d0)
    pool_state._store_supply(_word, _supply, _d0, _virtual)
    # d0 < 2^112; a quotient above 2^128 would take a supply below 1e-20 of D
    pool_state._virtual = ((_virtual >> 128) << 128) | min(
        unsafe_div(unsafe_mul(_d0, WAD), _word & MASK_112), MASK_128
    )


@internal
def _pay_admin_fees():
    receiver: address = staticcall factory.fee_receiver()
    if receiver == empty(address):
        return
    word: uint256 = pool_state._upkeep
    fee_0: uint256 = word & (2**88 - 1)
    fee_1: uint256 = (word >> 88) & (2**88 - 1)
    # re-entry is locked out: a coin's fees are forgotten when they have arrived
    if fee_0 != 0 and transfers._push_if_possible(self._coin(0), receiver, fee_0):
        word -= fee_0
    if fee_1 != 0 and transfers._push_if_possible(self._coin(1), receiver, fee_1):
        word -= fee_1 << 88
    pool_state._upkeep = word
