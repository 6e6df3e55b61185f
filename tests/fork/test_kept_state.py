"""A local mainnet is built once, whoever asks for it and however many at once; out-of-date ones go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import pytest

from integrations.fork.local import FORKED, LEAST_LIFE, prepared
from integrations.fork.places import Places

#: Long enough for a second builder to arrive, if one may.
PATIENCE = 0.3
LATER = 2**40


def nothing(_):
    """Nobody listens to the progress."""


def places(folder, expiry=LATER):
    return Places({"weth": "0x00"}, folder / Places.BOOK, "0xmarket", expiry, "0xpool", "0xlending")


def test_two_at_once__build_one_state_and_load_the_same(tmp_path):
    met, built = Barrier(2), []

    def build(folder, _):
        built.append(folder)
        try:
            met.wait(PATIENCE)
        except BrokenBarrierError:
            # nobody else builds
            places(folder).write(folder)

    with ThreadPoolExecutor(2) as pool:
        warm = list(pool.map(lambda _: prepared(tmp_path / "key", nothing, build), range(2)))

    assert len(built) == 1
    assert sorted(warm) == [False, True]
    assert Places.read(tmp_path / "key") == places(tmp_path / "key")


def test_state__whose_market_expires_soon__is_built_anew(tmp_path, monkeypatch):
    now = 1_800_000_000
    monkeypatch.setattr("time.time", lambda: now)
    expiries = iter([now + LEAST_LIFE, now + LEAST_LIFE + 1])

    def build(folder, _):
        places(folder, next(expiries)).write(folder)

    assert [prepared(tmp_path / "key", nothing, build) for _ in range(3)] == [False, False, True]


def test_state__of_another_key__goes__but_not_what_a_running_fork_uses(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / f"{FORKED}1").mkdir()

    prepared(tmp_path / "key", nothing, lambda folder, _: places(folder).write(folder))

    assert sorted(one.name for one in tmp_path.iterdir() if one.is_dir()) == [f"{FORKED}1", "key"]


def test_build__that_fails__leaves_nothing_and_keeps_what_was_there(tmp_path):
    (tmp_path / "old").mkdir()

    def build(folder, _):
        (folder / "half").write_text("")
        raise RuntimeError("died")

    with pytest.raises(RuntimeError, match="died"):
        prepared(tmp_path / "key", nothing, build)

    assert [one.name for one in tmp_path.iterdir() if one.is_dir()] == ["old"]
