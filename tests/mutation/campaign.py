"""Has the tests look at mutants, each in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

from tests.mutation.records import INVALID, KILLED, SURVIVED, Verdict
from tests.mutation.sites import Mutant

#: Large, and the same in every copy.
LINKED = (".venv", "node_modules")
#: What the copies do not need.
LEFT_OUT = (
    ".git",
    ".venv-lint",
    ".venv-curvesim",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
)
#: The tests that should notice, by the beginning of a source's path; the longest counts.
OWN = {
    "contracts/aid": ["tests/aid"],
    "contracts/aid/AID.vy": ["tests/aid/test_aid.py"],
    "contracts/aid/Allowlist.vy": ["tests/aid/test_allowlist.py"],
    "contracts/aid/Configurator.vy": ["tests/aid/test_configurator.py", "tests/aid"],
    "contracts/aid/coin_settings.vy": ["tests/aid/test_configurator.py", "tests/aid"],
    "contracts/aid/reserve_settings.vy": ["tests/aid/test_configurator.py", "tests/aid"],
    "contracts/aid/settings_access.vy": ["tests/aid/test_configurator.py", "tests/aid"],
    "contracts/aid/Roles.vy": ["tests/aid/test_roles.py"],
    "contracts/aid/Timelock.vy": ["tests/aid/test_timelock.py"],
    "contracts/aid/vault_settings.vy": ["tests/aid/test_configurator.py", "tests/aid"],
    "contracts/common": ["tests/aid/test_allowlist.py", "tests/credit/test_attestor.py"],
    "contracts/credit": ["tests/credit"],
    "contracts/credit/Attestor.vy": ["tests/credit/test_attestor.py"],
    "contracts/credit/CollateralAuction.vy": ["tests/credit/sales"],
    "contracts/credit/ComputeReceipt.vy": ["tests/credit/test_compute_receipt.py"],
    "contracts/credit/Offering.vy": ["tests/credit/sales"],
    "contracts/credit/book.vy": ["tests/credit/test_book.py", "tests/credit"],
    "contracts/credit/curve.vy": ["tests/credit/test_book.py", "tests/credit"],
    "contracts/credit/deal_terms.vy": ["tests/credit/test_deal_terms.py", "tests/credit"],
    "contracts/lending": ["tests/lending", "tests/attacks/test_lending_oracles.py"],
    "contracts/pool": ["tests/pool", "tests/differential"],
    "contracts/pool/PoolFactory.vy": ["tests/pool/test_factory.py"],
    "contracts/staking": ["tests/staking"],
    "contracts/staking/cycle_math.vy": ["tests/staking/test_cycle_math.py", "tests/staking"],
    "contracts/staking/vesting.vy": ["tests/staking/test_vesting.py", "tests/staking"],
}
#: These notice any change: what code costs, its size, its ABI.
BLIND = (
    "tests/gas",
    "tests/protocol/test_artifacts.py",
    "tests/protocol/test_pipelines.py",
    "tests/mutation",
)
#: What says that it was the compiler that refused.
REFUSED = re.compile(r"VyperCompileError|vyper\.exceptions|CompilerError|no contract was compiled")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?(?:\[.*\])?)(?: - .*)?$", re.MULTILINE)


def run(
    root: Path, chosen: Sequence[Mutant], workers: int, timeout: int, everything: bool
) -> Iterator[Verdict]:
    """Verdicts, as they come.

    Args:
        root: The repository, which is not touched.
        chosen: Mutants of its sources.
        workers: Copies that work side by side.
        timeout: Seconds after which tests that do not end count as failed.
        everything: Whether to show survivors to all other tests.
    """
    with TemporaryDirectory(prefix="mutants-") as folder:
        copies: Queue[Path] = Queue()
        for number in range(workers):
            copies.put(_copied(root, Path(folder) / str(number)))

        def judge(mutant: Mutant) -> Verdict:
            place = copies.get()
            try:
                return _judge(place, mutant, timeout, everything)
            finally:
                copies.put(place)

        with ThreadPoolExecutor(workers) as pool:
            tasks = [pool.submit(judge, mutant) for mutant in chosen]
            try:
                for task in as_completed(tasks):
                    yield task.result()
            finally:
                for task in tasks:
                    task.cancel()
                for process in list(RUNNING):
                    _end(process)


def _judge(place: Path, mutant: Mutant, timeout: int, everything: bool) -> Verdict:
    begun = time.monotonic()
    verdict, stage, by = SURVIVED, 0, ""
    with _changed(place, mutant):
        for paths in (own_tests(mutant.path), ["tests"])[: 2 if everything else 1]:
            stage += 1
            verdict, by = _tested(place, paths, timeout, skip=own_tests(mutant.path) if stage == 2 else [])
            if verdict != SURVIVED:
                break
    seconds = round(time.monotonic() - begun)
    told = (mutant.id, mutant.path, mutant.function, mutant.before, mutant.after)
    return Verdict(*told, verdict, stage, by, seconds)


def own_tests(path: str) -> list[str]:
    """The tests that should notice a change of a source."""
    return OWN[max((start for start in OWN if path.startswith(start)), key=len)]


def _tested(place: Path, paths: Sequence[str], timeout: int, skip: Sequence[str]) -> tuple[str, str]:
    """Verdict of some tests on the copy as it is, and the first that failed."""
    ignored = [word for path in (*BLIND, *skip) for word in ("--ignore", path)]
    chosen = [path for path in dict.fromkeys(paths) if (place / path).exists()]
    command = ["ape", "test", *chosen, "-x", "-q", "-p", "no:cacheprovider", *ignored]
    ended, output = _ran(command, place, timeout)
    if not ended:
        return KILLED, "time"
    if REFUSED.search(output):
        return INVALID, ""
    failed = FAILED.search(output)
    if failed:
        return KILLED, failed[1]
    return (SURVIVED, "") if re.search(r"100%\]", output) else (KILLED, "collection")


#: The test processes that are under way, to end them with this one.
RUNNING: set[subprocess.Popen[str]] = set()


def _ran(command: Sequence[str], place: Path, timeout: int) -> tuple[bool, str]:
    """Whether a command ended in time, and what it said."""
    paths = [str(place / folder) for folder in (".venv/bin", "bin", "node_modules/.bin")]
    environment = {
        **os.environ,
        "APE_DATA_FOLDER": str(place / ".ape"),
        "PATH": os.pathsep.join([*paths, os.environ["PATH"]]),
        # or the installed package would be the original's
        "PYTHONPATH": str(place),
    }
    process = subprocess.Popen(
        command,
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # its chain is in its group
        start_new_session=True,
    )
    RUNNING.add(process)
    try:
        return True, process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        _end(process)
        return False, ""
    finally:
        RUNNING.discard(process)


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.communicate()


def _copied(root: Path, place: Path) -> Path:
    """A copy of the repository that shares its environments, and knows what is compiled already."""
    left_out = {*LEFT_OUT, *LINKED}

    def ignored(folder: str, names: list[str]) -> list[str]:
        return [n for n in names if n == "__pycache__" or (n in left_out and Path(folder) == root)]

    shutil.copytree(root, place, ignore=ignored, symlinks=True)
    for name in LINKED:
        (place / name).symlink_to((root / name).resolve())
    shutil.copytree(place / ".build", place / ".built")
    return place


@contextmanager
def _changed(place: Path, mutant: Mutant) -> Iterator[None]:
    """The copy with the mutant in it; afterwards as it was, what is compiled included."""
    source = place / mutant.path
    text = source.read_text()
    source.write_text(mutant.applied(text))
    try:
        yield
    finally:
        source.write_text(text)
        shutil.rmtree(place / ".build")
        shutil.copytree(place / ".built", place / ".build")
        shutil.rmtree(place / ".hypothesis", ignore_errors=True)
