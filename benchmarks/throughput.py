"""Swaps per second of the pool's twins next to curvesim's: `make bench-speed` rewrites the recorded figures.

A swap is a state transition: D, y, the dynamic fee and the protocol's part of it. All engines run the same
sequence on one core, in turns, so that what else the machine does meets each alike, and processor time is
measured, which leaves out waiting for the core. Figures are medians over rounds, ratios medians of each
round's ratio. Everything is warmed up first, and the twins' states are compared.
"""

from __future__ import annotations

import json
import os
import platform
import random
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numba
import numpy as np

from integrations.simulation import PoolParameters, StableSwapModel, run_swaps, to_limbs

HERE = Path(__file__).parent
FIGURES = HERE / "throughput.json"
TABLE = HERE / "throughput.md"
CURVESIM = HERE.parent / ".venv-curvesim" / "bin" / "python"

ROUNDS = 15
SWAPS = 20_000
#: The compiled engine repeats the sequence, to run about as long.
REPEATS = 10
BLOCK_TIME = 12
NOW = 1_700_000_000
MILLION = 10**24

#: What the compiled and the Python engine must reach, as a multiple of curvesim.
TARGETS = {"exact_compiled": 11.0, "exact_compiled_with_time": 8.0, "exact_python": 1.2}

HEADER = """# Throughput

Swaps per second of processor time on one core, by `make bench-speed`. A swap is the state transition with D,
y, dynamic and protocol fee; *with time* adds a time step and the update of the price average to each.
{swaps:,} swaps of 100 to 1,000,000 both ways in a pool of 10M/10M, A = 1,000, fee 0.04 %, off-peg multiplier
2; medians of {rounds} rounds in which the engines take turns, in brackets the range. curvesim {curvesim} is
measured in the same run.

{machine}.

| engine | swaps/s | × curvesim | target | exact to the contract |
|---|---:|---:|---:|---|
"""
LABELS = {
    "curvesim": ("curvesim `CurvePool.exchange`", "no: up to {wei} wei off"),
    "exact_python": ("`StableSwapModel.exchange`", "yes"),
    "exact_python_with_time": ("`StableSwapModel.exchange`, with time", "yes"),
    "exact_compiled": ("`run_swaps`", "yes"),
    "exact_compiled_with_time": ("`run_swaps`, with time", "yes"),
}


class Workload:
    """The sequence of swaps, in the forms that the engines want."""

    def __init__(self) -> None:
        rng = random.Random(8)
        self.parameters = PoolParameters()
        self.balances = (10 * MILLION, 10 * MILLION)
        self.sold = [rng.randrange(2) for _ in range(SWAPS)]
        self.amounts = [int(10 ** rng.uniform(20, 24)) for _ in range(SWAPS)]
        self.repeated_sold = np.array(self.sold * REPEATS)
        self.repeated_amounts = to_limbs(self.amounts * REPEATS)
        self.times = NOW + BLOCK_TIME * np.arange(1, SWAPS * REPEATS + 1, dtype=np.uint64)

    def pool(self) -> StableSwapModel:
        """The pool before the first swap."""
        pool = StableSwapModel(self.parameters, NOW)
        pool.add_liquidity(self.balances)
        return pool

    def as_json(self) -> str:
        """For curvesim's process."""
        return json.dumps(
            {
                "amplification": self.parameters.amplification,
                "balances": self.balances,
                "fee": self.parameters.fee,
                "offpeg_multiplier": self.parameters.offpeg_multiplier,
                "sold": self.sold,
                "amounts": self.amounts,
            }
        )


class Curvesim:
    """curvesim's pool, in a process of its own that computes only when asked."""

    def __init__(self, workload: Workload) -> None:
        command = [str(CURVESIM), str(HERE / "curvesim_worker.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.bought: list[int] = self._ask(workload.as_json())

    def seconds(self) -> float:
        """The time that one sequence takes."""
        return float(self._ask("go"))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _ask(self, line: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def python_seconds(workload: Workload, with_time: bool) -> float:
    """The time that one sequence takes in Python."""
    pool = workload.pool()
    exchange = pool.exchange
    start = time.process_time()
    if with_time:
        for i, dx in zip(workload.sold, workload.amounts, strict=True):
            pool.time += BLOCK_TIME
            exchange(i, 1 - i, dx)
    else:
        for i, dx in zip(workload.sold, workload.amounts, strict=True):
            exchange(i, 1 - i, dx)
    return time.process_time() - start


def compiled_seconds(workload: Workload, with_time: bool) -> float:
    """The time that one sequence takes compiled."""
    pool = workload.pool()
    times = workload.times if with_time else None
    start = time.process_time()
    batch = run_swaps(pool, workload.repeated_sold, workload.repeated_amounts, times)
    seconds = time.process_time() - start
    if batch.in_python or batch.refused:
        raise RuntimeError("the sequence leaves the compiled domain")
    return seconds / REPEATS


def check(workload: Workload, curvesim: Curvesim | None) -> int:
    """Both twins end in one state; returns by how many wei curvesim differs at most, swap by swap.

    curvesim's pool is some wei away from the exact one after each swap: its error grows with the number of
    swaps.

    Raises:
        RuntimeError: The twins differ.
    """
    for with_time in (False, True):
        one, other = workload.pool(), workload.pool()
        times = workload.times[:SWAPS] if with_time else None
        batch = run_swaps(one, workload.sold, to_limbs(workload.amounts), times)
        bought = []
        for i, dx in zip(workload.sold, workload.amounts, strict=True):
            other.time += BLOCK_TIME * with_time
            bought.append(other.exchange(i, 1 - i, dx).dy)
        if bought != batch.bought or one.state != other.state:
            raise RuntimeError("the compiled twin differs from the one in Python")
    if curvesim is None:
        return 0
    return max(abs(a - b) for a, b in zip(bought, curvesim.bought, strict=True))


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [
            line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def measure() -> dict[str, Any]:
    """All figures.

    Raises:
        RuntimeError: The twins differ.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    workload = Workload()
    curvesim = Curvesim(workload) if CURVESIM.is_file() else None
    engines: dict[str, Callable[[], float]] = {
        "exact_python": lambda: python_seconds(workload, False),
        "exact_python_with_time": lambda: python_seconds(workload, True),
        "exact_compiled": lambda: compiled_seconds(workload, False),
        "exact_compiled_with_time": lambda: compiled_seconds(workload, True),
    }
    if curvesim is not None:
        engines = {"curvesim": curvesim.seconds, **engines}
    wei = check(workload, curvesim)
    seconds: dict[str, list[float]] = {name: [engine()][:0] for name, engine in engines.items()}
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            seconds[name].append(engine())
    if curvesim is not None:
        curvesim.close()
    figures = {
        name: {"swaps_per_second": round(SWAPS / median(taken)), **_ratios(seconds.get("curvesim"), taken)}
        for name, taken in seconds.items()
    }
    return {
        "machine": machine(),
        "rounds": ROUNDS,
        "swaps": SWAPS,
        "curvesim_off_by_wei": wei,
        "engines": figures,
    }


def _ratios(reference: Sequence[float] | None, taken: Sequence[float]) -> dict[str, float]:
    if reference is None:
        return {}
    ratios = [a / b for a, b in zip(reference, taken, strict=True)]
    return {
        "times_curvesim": round(median(ratios), 2),
        "least": round(min(ratios), 2),
        "most": round(max(ratios), 2),
    }


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    about = dict(figures["machine"])
    machine = "{processor}, {cores} cores (load {load_average}), {system}".format(**about)
    versions = "Python {python}, numpy {numpy}, numba {numba}".format(**about)
    lines = HEADER.format(
        swaps=figures["swaps"],
        rounds=figures["rounds"],
        curvesim="0.5.0",
        machine=f"{machine}, {versions}",
    )
    for name, figure in figures["engines"].items():
        label, exact = LABELS[name]
        ratio = "{times_curvesim} ({least}–{most})".format(**figure) if "least" in figure else ""
        target = f"≥ {TARGETS[name]:g}" if name in TARGETS else ""
        exact = exact.format(wei=figures["curvesim_off_by_wei"])
        lines += f"| {label} | {figure['swaps_per_second']:,} | {ratio} | {target} | {exact} |\n"
    return lines


def main() -> None:
    """Measure; record the figures if curvesim was there to compare with.

    Raises:
        SystemExit: A target is missed.
    """
    figures = measure()
    print(table(figures))
    engines = figures["engines"]
    if "curvesim" not in engines:
        print(
            f"No curvesim in {CURVESIM.parents[1].name}: nothing to compare with, the recorded figures stay."
        )
        return
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    TABLE.write_text(table(figures))
    missed = [name for name, least in TARGETS.items() if engines[name]["times_curvesim"] < least]
    if missed:
        raise SystemExit(f"below target: {', '.join(missed)}")


if __name__ == "__main__":
    main()
