"""Runs in curvesim's own environment: swaps through its pool whenever `throughput.py` asks.

Reads one line of JSON with the workload, then one line for each round; answers each with a line of JSON.
"""

import json
import sys
import time

from curvesim.pool.stableswap.pool import CurvePool


def pool(workload):
    """The pool before the first swap."""
    return CurvePool(
        A=workload["amplification"],
        D=list(workload["balances"]),
        n=2,
        fee=workload["fee"],
        fee_mul=workload["offpeg_multiplier"],
        admin_fee=5 * 10**9,
    )


def main():
    """Answer until the input ends."""
    workload = json.loads(sys.stdin.readline())
    orders = [
        (sold, 1 - sold, amount) for sold, amount in zip(workload["sold"], workload["amounts"], strict=True)
    ]
    exchange = pool(workload).exchange
    print(json.dumps([exchange(*order)[0] for order in orders]), flush=True)
    for _ in sys.stdin:
        exchange = pool(workload).exchange
        start = time.process_time()
        for i, j, dx in orders:
            exchange(i, j, dx)
        print(json.dumps(time.process_time() - start), flush=True)


main()
