"""`ape run pool …`: quotes before it sends, sends within the slippage, and says what is wrong."""

import pytest

from integrations.venues import CurvePool
from tests.conftest import WAD

USD = 10**6


@pytest.fixture(scope="module")
def pool(protocol, module_isolation, alice, done):
    """AID/USDC with 100,000 of each from alice, who holds AID, sAID and USDC."""
    done("aid mint USDC 300000")
    done("said deposit 50000")
    done("pool add AID 100000 USDC 100000")
    return CurvePool.of(protocol, "AID", "USDC")


def test_swap__pays_what_the_quote_said(pool, done, protocol, alice):
    aid, usdc = protocol.aid, protocol.coin("USDC").token
    quote = pool.quote_in("USDC", "AID", 1_000 * USD)
    before = aid.balanceOf(alice), usdc.balanceOf(alice)
    output = done("pool swap usdc 1,000 aid --slippage-bps 5")
    assert aid.balanceOf(alice) - before[0] == quote.amount_out
    assert before[1] - usdc.balanceOf(alice) == 1_000 * USD
    assert usdc.allowance(alice, pool.contract) == 0
    whole, part = divmod(quote.amount_out, WAD)
    least = quote.amount_out * 9_995 // 10_000
    assert f"1,000.0000 USDC → {whole}.{part // 10**14:04d} AID" in output
    assert f"at least {least // WAD}.{least % WAD // 10**14:04d} AID" in output


def test_swap__exact_out__buys_just_that(pool, done, protocol, alice):
    aid, usdc = protocol.aid, protocol.coin("USDC").token
    quote = pool.quote_out("USDC", "AID", 500 * WAD)
    before = aid.balanceOf(alice), usdc.balanceOf(alice)
    done("pool swap USDC 500 AID --exact-out")
    assert aid.balanceOf(alice) - before[0] == 500 * WAD
    assert before[1] - usdc.balanceOf(alice) <= quote.amount_in + 1


def test_add__of_one_coin__mints_what_was_quoted(pool, done, alice):
    quote = pool.quote_add({"USDC": 2_000 * USD})
    before = pool.position(alice).shares
    output = done("pool add AID 0 USDC 2000")
    assert pool.position(alice).shares - before == quote.shares
    assert "2,000.0000 USDC → 1,999." in output
    assert "0.98 % of the pool" in output


@pytest.mark.parametrize("way", ["100", "100 --only USDC", "--exact 50 20"])
def test_remove__pays_what_was_quoted(pool, done, protocol, alice, way):
    quote = {
        "100": lambda: pool.quote_remove(100 * WAD),
        "100 --only USDC": lambda: pool.quote_remove_one(100 * WAD, "USDC"),
        "--exact 50 20": lambda: pool.quote_remove_exact({"AID": 50 * WAD, "USDC": 20 * USD}),
    }[way]()
    tokens = {"AID": protocol.aid, "USDC": protocol.coin("USDC").token}
    before = {name: token.balanceOf(alice) for name, token in tokens.items()}
    shares = pool.position(alice).shares
    done(f"pool remove AID USDC {way}")
    assert {name: token.balanceOf(alice) - before[name] for name, token in tokens.items()} == quote.amounts
    assert shares - pool.position(alice).shares == quote.shares


def test_remove__all__leaves_the_account_without_a_part(pool, done, alice):
    done("pool remove AID USDC all")
    assert pool.position(alice).shares == 0


def test_create__deploys_a_registered_pool(pool, done, protocol):
    factory = protocol.pool_factory
    count = factory.pool_count()
    output = done("pool create aid usdt --amplification 1000 --fee-bps 1 --offpeg 3")
    address = factory.pool_list(count)
    made = CurvePool.of(protocol, "AID", "USDT")
    assert str(made.contract.address) == address
    assert address in output
    assert (made.contract.A(), made.contract.fee()) == (1_000, 10**6)
    assert made.contract.offpeg_fee_multiplier() == 3 * 10**10


def test_describe__tells_price_depth_and_the_part(pool, done):
    output = done("pool describe AID USDC")
    assert "AID/USDC" in output
    assert "sAID" not in output
    view = pool.view()
    price = f"{view.price // WAD}.{view.price % WAD // 10**12:06d}"
    assert price in output
    depth = pool.depth("AID", "USDC", 10) // WAD
    assert f"{depth:,}" in output
    both = done("pool describe")
    assert "sAID/AID" in both
    assert "the pool is empty" in both


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("swap USDC 0 AID", "zero amount"),
        ("swap USDC ten AID", "expected a positive decimal, got 'ten'"),
        ("swap USDC 1.0000001 AID", "at most 6 decimals"),
        ("swap USDC 2000000 AID", "not enough USDC (1,400,000 more"),
        ("swap USDC 10 GOLD", "GOLD"),
        ("swap USDC 10 USDC", "USDC"),
        ("swap USDC 10 USDT", "no pool"),
        ("swap USDC 200000 AID --exact-out", "out too large"),
        ("add AID 0 USDC 0", "zero"),
        ("remove AID USDC 900000", "too few LP tokens"),
        ("remove AID USDC --exact 1 1000000", "out too large"),
        ("create AID AID", "two different"),
        ("swap USDC 10 AID --account TEST::99", "no test account TEST::99"),
    ],
)
def test_bad_input__is_one_clear_line(pool, run, line, message):
    result = run(f"pool {line}")
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("remove AID USDC", "give SHARES"),
        ("remove AID USDC 5 --exact 1 1", "give SHARES"),
        ("describe AID", "give both coins, or neither"),
        ("swap USDC 10 AID --slippage-bps 10001", "0<=x<=10000"),
        ("create AID USDC --amplification 0", "1<=x<=1000000"),
    ],
)
def test_wrong_usage__is_told_before_anything_is_sent(pool, run, line, message):
    result = run(f"pool {line}")
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize("command", ["swap", "add", "remove", "create", "describe"])
def test_help__shows_an_example(run, command):
    assert f"ape run pool {command}" in run(f"pool {command} --help").output.replace("\n  ", " ")
