from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from integrations.scenario.loader import LoadedScenario, ScenarioError, load_scenario, parse_scenario
from integrations.scenario.vocabulary.gateway import Mint

from .conftest import HEAD, ROOT, small


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        parse_scenario(text, "small.yaml")
    return str(error.value).splitlines()


def test_a_valid_scenario_is_read_exactly(load: Callable[..., LoadedScenario]) -> None:
    scenario = load("day: 1, time: 09:30, do: mint, who: alice, coin: USDC, amount: 250_000.5").scenario
    event = scenario.timeline[0]
    assert isinstance(event, Mint)
    assert event.amount == Decimal("250000.5")
    assert event.offset == 86_400 + 9 * 3_600 + 30 * 60
    assert scenario.actors["alice"].balances["USDC"] == Decimal(1_000_000)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (
            "day: 1, do: mint, who: alice, coin: USDC, amount: -5",
            'timeline[0].amount: expected a positive decimal or "all", got "-5"',
        ),
        (
            "day: 1, do: mint, who: alice, coin: USDC, amount: 0",
            'timeline[0].amount: expected a positive decimal or "all", got "0"',
        ),
        (
            "day: 1, do: mint, who: alice, coin: USDC, amount: 1.0000001",
            'timeline[0].amount: expected at most 6 decimals for USDC, got "1.0000001"',
        ),
        (
            "day: 1, do: mint, who: alice, coin: USDC",
            "timeline[0].amount: expected a value, the field is missing",
        ),
        (
            "day: 1, do: mint, who: alise, coin: USDC, amount: 1",
            'timeline[0].who: unknown actor "alise", did you mean "alice"?',
        ),
        (
            "day: 1, do: mint, who: alice, coin: DAI, amount: 1",
            'timeline[0].coin: unknown coin "DAI", expected one of USDC, USDT',
        ),
        (
            "day: 1, do: mnt, who: alice",
            'timeline[0].do: unknown event "mnt", did you mean "mint"?',
        ),
        (
            "day: 1, do: deposit, who: alice, amont: 1, amount: 1",
            'timeline[0].amont: unknown field, did you mean "amount"?',
        ),
        ("day: 1, who: alice", "timeline[0]: expected a field `do` that names the kind of event"),
        ("do: sync", "timeline[0]: expected one of `day` and `at`, got neither"),
        ("day: 1, at: 1d, do: sync", "timeline[0]: expected one of `day` and `at`, got both"),
        (
            "at: tomorrow, do: sync",
            'timeline[0].at: expected a time such as "12d 6h" or "12d 06:30", got "tomorrow"',
        ),
        (
            "day: 1.5, do: sync",
            'timeline[0].day: expected an integer from 0 to 100000 (days since the start), got "1.5"',
        ),
        ("day: 61, do: sync", "timeline[0].day: expected a time within the 60 days, got 61d 00:00"),
        (
            "at: 60d 00:00:01, do: sync",
            "timeline[0].at: expected a time within the 60 days, got 60d 00:00:01",
        ),
        (
            "day: 1, do: pause, what: everything",
            "timeline[0].what: expected 'aid', 'mint', 'redeem' or 'deposits', got \"everything\"",
        ),
        (
            "day: 1, do: price_path, coin: USDC, path: dipp",
            'timeline[0].path: unknown path "dipp", did you mean "dip"?',
        ),
        ("day: 1, do: sync, expect: {}", "timeline[0].expect: expected one of `revert` and `says`"),
        (
            "day: 1, do: repay, who: bob, coin: USDC",
            "timeline[0]: expected `amount` (principal), `income`, or both, got neither",
        ),
        (
            "day: 1, do: mint, who: alice, coin: USDC, amount: 1, min_out: 1.0000000000000000001",
            'timeline[0].min_out: expected at most 18 decimals for AID, got "1.0000000000000000001"',
        ),
    ],
)
def test_a_wrong_event_is_told_with_its_line(event: str, said: str) -> None:
    line = HEAD.count("\n") + 1
    assert problems(small(event)) == [f"small.yaml:{line}: {said}"]


def test_every_problem_is_told_at_once_in_order_of_lines() -> None:
    found = problems(small("do: sync", "day: 1, do: sink", "day: 2, do: deposit, who: alice, amount: none"))
    assert [line.split(":")[1] for line in found] == ["18", "19", "20"]


def test_events_must_be_in_order() -> None:
    assert problems(small("day: 14, do: sync", "day: 12, do: sync")) == [
        "small.yaml:19: timeline[1].day: expected events in order of time, got 12d 00:00 after 14d 00:00"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("days: 60", "days: sixty", ':4: days: expected an integer from 1 to 3650, got "sixty"'),
        ("start: 2026-01-01", "start: soon", ':3: start: expected a date such as "2026-01-01", got "soon"'),
        ("name: Small\n", "", ":1: name: expected a value, the field is missing"),
        ("kyc: true", "kyc: yes", ':12: actors.alice.kyc: expected true or false, got "yes"'),
        (
            "decimals: 6",
            "decimals: 19",
            ':6: stablecoins.USDC.decimals: expected an integer from 0 to 18, got "19"',
        ),
        (
            "decimals: 6",
            "decimels: 6",
            ':6: stablecoins.USDC.decimels: unknown field, did you mean "decimals"?',
        ),
        ("coin: USDC", "coin: USDX", ':10: reserve.vaults.TBILL.coin: unknown coin "USDX", did you mean'),
        ("USDT: 1_000", "USDX: 1_000", ':12: actors.alice.balances.USDX: unknown coin "USDX", did you mean'),
        (
            "USDT: 1_000",
            "USDT: 0.1234567",
            ":12: actors.alice.balances.USDT: expected at most 6 decimals for USDT",
        ),
        ("USDT: {", "AID: {", ":7: stablecoins.AID: expected another symbol"),
        ("  bob:", "  alice:", ":13: actors.alice: given twice: it is on line 12 already"),
        ("{at: 6h", "{at: 1h", ":15: price_paths.dip: expected points in ascending order of `at`"),
        (
            "USDC: {decimals: 6}",
            "USDC: {decimals: 6, mint_fee_bps: 0, redeem_fee_bps: 0}",
            ":6: stablecoins.USDC.mint_fee_bps: expected mint fee + redeem fee of USDC of at least 25 bps",
        ),
        ("days: 60", "days: [", ": not valid YAML:"),
        (
            "USDT: {decimals: 6}",
            "USDT: {decimals: 8, style: usdt}",
            ":7: stablecoins.USDT.decimals: expected 6",
        ),
        ("TBILL:", "T-BILL:", ":10: reserve.vaults.T-BILL: expected a symbol of 2 to 11 letters"),
        (
            "reserve:",
            "staking: {vesting: 36h}\nreserve:",
            ":8: staking.vesting: expected whole days, 1d to 90d",
        ),
        (
            "reserve:",
            "staking: {window: 16d}\nreserve:",
            ":8: staking.window: expected 1d to 15d, got 16d 00:00",
        ),
        (
            "reserve:",
            "staking: {reserve_floor_bps: 9_001}\nreserve:",
            "reserve_floor_bps: expected at most 9000",
        ),
        (
            "reserve:",
            "staking: {min_request: 10_001}\nreserve:",
            "staking.min_request: expected at most 10000",
        ),
        (
            "actors:",
            "actors:" + "".join(f"\n  a{n}: {{}}" for n in range(27)),
            "actors: expected at most 28, got 29",
        ),
    ],
)
def test_a_wrong_head_is_told_with_its_line(old: str, new: str, said: str) -> None:
    found = problems(small("day: 1, do: sync").replace(old, new, 1))
    assert any(said in line for line in found), found


def test_values_are_never_guessed() -> None:
    """`yes` is no boolean, `12:30` no number: YAML 1.1 would say otherwise."""
    found = problems(small("day: 12:30, do: sync"))
    assert found[0].endswith('got "12:30"')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "just text",
        "- a\n- b\n",
        "\t",
        "a: &x [*x]",
        "? [a]\n: b\n",
        pytest.param("[" * 500, id="deep"),
    ],
)
def test_no_text_ends_in_a_traceback(text: str) -> None:
    assert problems(text)


def test_a_missing_file_is_told_like_any_problem(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="expected a scenario file, got: no such file"):
        load_scenario(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ScenarioError, match="expected text in UTF-8"):
        load_scenario(tmp_path / "binary.yaml")


def test_importing_the_package_does_not_import_ape() -> None:
    code = (
        "import sys, integrations.scenario.demo, integrations.scenario.page\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('ape', 'web3')]"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
