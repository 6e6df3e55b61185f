# pragma version 0.4.3
"""
@title Two-coin stableswap invariant, solved by definition
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice With `Ann` = 2 * A * 100 and values x, y of the coins at 18 decimals,

            P(D; x, y) = D^2 // (4 * min(x, y)) * D // max(x, y)
            holds(D; x, y):  100 * P + (Ann - 100) * D <= Ann * (x + y)

        D is the largest integer for which this holds, y the least. Newton's method
        and the closed form only propose a candidate; the definition decides, so a
        result depends neither on a start nor on a path. docs/pool.md has the proofs.
@dev Pure. Bounds that the unchecked arithmetic needs, with h >= l the values and
     Ann <= 2^28: h <= 1e33 and h^2 / l <= 1e42 are asserted for D. D <= h + l, so
     D^2 / 4l * D <= 2 * h^3 / l <= 2e75 and (Ann * (h + l) + 200 * P) * D < 1e77
     (its largest part is 200 * P * D <= 50 * (h + l)^4 / (l * h), 5e76 at h = 1e33,
     l = 1e24). 2^256 is 1.157e77.
@custom:source Egorov, StableSwap (2019), for the invariant and Newton's step.
"""

from . import reasons

A_PRECISION: constant(uint256) = 100
FEE_ONE: constant(uint256) = 10**10
MAX_FEE_RATE: constant(uint256) = FEE_ONE // 2
WAD: constant(uint256) = 10**18

# where D is defined; pools stay well inside
MAX_VALUE: constant(uint256) = 10**33
MAX_SKEW: constant(uint256) = 10**42
# least y for a given x: x may not be smaller than D^2 over this
MAX_CURVATURE: constant(uint256) = 5 * 10**41
MAX_FEE_SUM: constant(uint256) = 3 * 10**32

# Newton's method needs at most 32 steps on the domain, a fix-up 2
MAX_STEPS: constant(uint256) = 64
MAX_FIXES: constant(uint256) = 8


@internal
@pure
def _invariant(_x: uint256, _y: uint256, _ann: uint256) -> uint256:
    """
    @notice Solve for D: the largest integer that holds at (x, y).
    @param _x Value of one coin, 1 to 1e33.
    @param _y Value of the other, 1 to 1e33.
    @param _ann 2 * A * 100, 200 to 2e8.
    @return D, between 2 * sqrt(x * y) - 2 and x + y.
    @custom:reverts "out of domain" for a zero or too large or too unequal value.
    """
    low4: uint256 = unsafe_mul(4, min(_x, _y))
    high: uint256 = max(_x, _y)
    if low4 == 0 or high > MAX_VALUE:
        reasons._fail(reasons.OUT_OF_DOMAIN)
    if unsafe_div(unsafe_mul(4, unsafe_mul(high, high)), low4) > MAX_SKEW:
        reasons._fail(reasons.OUT_OF_DOMAIN)
    # from here on: see the bounds above
    sum: uint256 = unsafe_add(_x, _y)
    target: uint256 = unsafe_mul(_ann, sum)
    slope: uint256 = unsafe_sub(_ann, A_PRECISION)
    d: uint256 = sum
    p: uint256 = 0
    for _: uint256 in range(MAX_STEPS):
        p = unsafe_div(unsafe_mul(unsafe_div(unsafe_mul(d, d), low4), d), high)
        next: uint256 = unsafe_div(
            unsafe_mul(unsafe_add(target, unsafe_mul(200, p)), d),
            unsafe_add(unsafe_mul(slope, d), unsafe_mul(300, p)),
        )
        step: uint256 = unsafe_sub(max(d, next), next)
        d = next
        # the next step would be shorter than 9 * step^2 / d
        if unsafe_mul(9, unsafe_mul(step, step)) <= d:
            break
    lowered: bool = False
    for _: uint256 in range(MAX_FIXES):
        p = unsafe_div(unsafe_mul(unsafe_div(unsafe_mul(d, d), low4), d), high)
        left: uint256 = unsafe_add(unsafe_mul(A_PRECISION, p), unsafe_mul(slope, d))
        if left > target:
            d = unsafe_sub(d, 1)
            lowered = True
            continue
        # one more would add at least `slope` to the left side
        if lowered or unsafe_sub(target, left) < slope:
            return d
        next: uint256 = unsafe_add(d, 1)
        p = unsafe_div(unsafe_mul(unsafe_div(unsafe_mul(next, next), low4), next), high)
        if unsafe_add(unsafe_mul(A_PRECISION, p), unsafe_mul(slope, next)) > target:
            return d
        d = next
    reasons._fail(reasons.NO_CONVERGENCE)
    return 0


@internal
@pure
def _other_value(_x: uint256, _d: uint256, _ann: uint256) -> uint256:
    """
    @notice Solve for y: the least integer >= 1 that holds at (x, y) for D.
    @dev The seed is the root of y^2 + b * y = c with b = x + D * 100 / Ann - D and
         4c = D^3 * 100 / (x * Ann).
    @param _x Value of the coin that is known, 1 to 1e33.
    @param _d The invariant to keep, up to 2e33.
    @param _ann 2 * A * 100, 200 to 2e8.
    @return Value of the other coin.
    @custom:reverts "out of domain" if x is zero or D^2 / x above 5e41.
    """
    # D <= 2e33
    curvature: uint256 = unsafe_div(unsafe_mul(_d, _d), _x)
    if _x == 0 or curvature > MAX_CURVATURE:
        reasons._fail(reasons.OUT_OF_DOMAIN)
    # 5e41 * 2e33 * 100 = 1e77
    c4: uint256 = unsafe_div(unsafe_mul(unsafe_mul(curvature, _d), A_PRECISION), _ann)
    x_with: uint256 = unsafe_add(_x, unsafe_div(unsafe_mul(_d, A_PRECISION), _ann))
    # |b| <= 2e33, and c4 <= 1e77 / 200
    b: uint256 = unsafe_sub(max(x_with, _d), min(x_with, _d))
    root: uint256 = isqrt(unsafe_add(unsafe_mul(b, b), c4))
    # the root is at least |b|; +1 because roundings leave the seed low
    y: uint256 = unsafe_add(root, b)
    if x_with >= _d:
        y = unsafe_sub(root, b)
    y = unsafe_add(y >> 1, 1)

    base: uint256 = unsafe_mul(unsafe_sub(_ann, A_PRECISION), _d)
    raised: bool = False
    for _: uint256 in range(MAX_FIXES):
        left: uint256 = unsafe_add(base, unsafe_mul(A_PRECISION, self._product(_d, _x, y)))
        right: uint256 = unsafe_mul(_ann, unsafe_add(_x, y))
        if left > right:
            y = unsafe_add(y, 1)
            raised = True
            continue
        # one less would take Ann from the right side
        if raised or unsafe_sub(right, left) < _ann or y == 1:
            return y
        less: uint256 = unsafe_sub(y, 1)
        left = unsafe_add(base, unsafe_mul(A_PRECISION, self._product(_d, _x, less)))
        if left > unsafe_sub(right, _ann):
            return y
        y = less
    reasons._fail(reasons.NO_CONVERGENCE)
    return 0


@internal
@pure
def _product(_d: uint256, _x: uint256, _y: uint256) -> uint256:
    """
    @notice Compute P(D; x, y), the smaller value first.
    @dev Callers keep D^2 / 4 * D / min below 2^256: see the module's bounds.
    @param _d The invariant.
    @param _x Value of one coin, not zero.
    @param _y Value of the other, not zero.
    @return 18 decimals, rounded down twice.
    """
    return unsafe_div(
        unsafe_mul(unsafe_div(unsafe_mul(_d, _d), unsafe_mul(4, min(_x, _y))), _d), max(_x, _y)
    )


@internal
@pure
def _price(_d: uint256, _x: uint256, _y: uint256, _ann: uint256) -> uint256:
    """
    @notice Compute the price of the coin behind y in the coin behind x, as values.
    @param _d The invariant of (x, y), as `_invariant` found it.
    @param _x Value of one coin.
    @param _y Value of the other.
    @param _ann 2 * A * 100.
    @return 1e18, rounded down.
    """
    # D holds, so 100 * P <= Ann * (x + y) <= 4e8 * h: P * x < 1e74, and with h^2 / l <= 1e42
    # 100 * P * x / y * 1e18 <= 4e68
    p: uint256 = self._product(_d, _x, _y)
    across: uint256 = unsafe_div(unsafe_mul(p, _x), _y)
    near: uint256 = unsafe_mul(_ann, _x)
    return unsafe_div(
        unsafe_mul(unsafe_add(near, unsafe_mul(A_PRECISION, across)), WAD),
        unsafe_add(near, unsafe_mul(A_PRECISION, p)),
    )


@internal
@pure
def _fee_rate(
    _u: uint256, _v: uint256, _fee: uint256, _multiplier: uint256, _extra: uint256
) -> uint256:
    """
    @notice Compute the fee at values (u, v): `fee` at the peg, towards `fee * multiplier` off it.
    @param _u Value of one coin; not zero together with v.
    @param _v Value of the other.
    @param _fee Fee at the peg, 1e10 = one.
    @param _multiplier Off-peg multiplier, 1e10 = one, below 2^40; up to one it has no effect.
    @param _extra Added to the result, 1e10 = one.
    @return Rate, rounded down, at most a half, 1e10 = one.
    @custom:reverts "out of domain" if u + v is above 3e32.
    """
    rate: uint256 = _fee
    if _multiplier > FEE_ONE:
        # values below 2^144
        sum: uint256 = unsafe_add(_u, _v)
        if sum > MAX_FEE_SUM:
            reasons._fail(reasons.OUT_OF_DOMAIN)
        # 4 * u * v <= sum^2, and 2^40 * (3e32)^2 < 1e77
        balance: uint256 = unsafe_div(
            unsafe_mul(unsafe_mul(unsafe_sub(_multiplier, FEE_ONE), 4), unsafe_mul(_u, _v)),
            unsafe_mul(sum, sum),
        )
        rate = unsafe_div(unsafe_mul(_multiplier, _fee), unsafe_add(balance, FEE_ONE))
    return min(unsafe_add(rate, _extra), MAX_FEE_RATE)
