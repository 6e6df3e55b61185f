"""What GOVERNOR may change in a pool, with the contract's bounds (`pool_parameters.vy`)."""

from __future__ import annotations

from .errors import ParameterError
from .stableswap_math import A_PRECISION, FEE_DENOMINATOR
from .state import PoolState

MIN_RAMP_TIME = 86_400
MAX_A_CHANGE = 10
MAX_A = 10**6
MAX_FEE = 10**8
MAX_OFFPEG = 2**40 - 1
MAX_PERIOD = 2**20 - 1
#: No trade pays more than a half.
_MAX_FEE_AT_OFFPEG = FEE_DENOMINATOR // 2 * FEE_DENOMINATOR


class Governed:
    """The governed operations of a pool.

    Attributes:
        state: What the contract would store.
        time: The clock.
    """

    state: PoolState
    time: int

    def ramp_A(self, future_a: int, future_time: int) -> None:  # noqa: N802
        """Move the amplification in a straight line to `future_a` (A), reached at `future_time`."""
        state = self.state
        if self.time < state.initial_a_time + MIN_RAMP_TIME:
            raise ParameterError("ramp too soon")
        if future_time < self.time + MIN_RAMP_TIME:
            raise ParameterError("ramp too short")
        if future_time >= 2**32:
            raise ParameterError("out of range")
        if not 0 < future_a <= MAX_A:
            raise ParameterError("A not 1 to 1e6")
        current, future = state.amplification(self.time), future_a * A_PRECISION
        if future > current * MAX_A_CHANGE or current > future * MAX_A_CHANGE:
            raise ParameterError("A step above 10")
        state.initial_a, state.future_a = current, future
        state.initial_a_time, state.future_a_time = self.time, future_time

    def stop_ramp_A(self) -> None:  # noqa: N802
        """Keep the amplification where it is now."""
        state = self.state
        state.initial_a = state.future_a = state.amplification(self.time)
        state.initial_a_time = state.future_a_time = self.time

    def set_new_fee(self, fee: int, offpeg_multiplier: int) -> None:
        """Set the fee at the peg, and how much it grows off it, 1e10 = one."""
        if fee > MAX_FEE:
            raise ParameterError("fee above 1 %")
        if offpeg_multiplier > MAX_OFFPEG or offpeg_multiplier * fee > _MAX_FEE_AT_OFFPEG:
            raise ParameterError("offpeg too high")
        self.state.fee, self.state.multiplier = fee, offpeg_multiplier

    def set_ma_exp_time(self, ma_exp_time: int, d_ma_time: int) -> None:
        """Set the periods of the averages, seconds."""
        if not (0 < ma_exp_time <= MAX_PERIOD and 0 < d_ma_time <= MAX_PERIOD):
            raise ParameterError("out of range")
        self.state.ma_exp_time, self.state.d_ma_time = ma_exp_time, d_ma_time

    def withdraw_admin_fees(self) -> tuple[int, int]:
        """Pay out the protocol's fees; returns them."""
        paid = (self.state.admin_balances[0], self.state.admin_balances[1])
        self.state.admin_balances = [0, 0]
        return paid
