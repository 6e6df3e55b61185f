"""`ape run govern` and `describe`: from a closed installation with a timelock to an open one."""

import ape
import pytest

from integrations.protocol import AddressBook, Protocol, load_config
from integrations.protocol.config import Governance
from tests.conftest import DAY, NETWORK
from tests.scripts.conftest import commands, succeeding


@pytest.fixture
def closed(tmp_path, dave, accounts):
    """An installation that is offered to a timelock: test account 5 proposes, 9 cancels."""
    keys = Governance(min_delay=DAY, proposers=[accounts[5].address], cancellers=[accounts[9].address])
    config = load_config(NETWORK).model_copy(update={"governance": keys, "credit": None})
    book = AddressBook(tmp_path / "local.json", ape.chain.chain_id, "0xgenesis")
    return Protocol.deploy(dave, config, book=book)


def test_govern__queue_wait_execute__opens(closed):
    run = commands(closed)
    done = succeeding(run)
    text = " ".join(done("describe").split())
    assert "a key; offered to the timelock" in text
    assert "closed: not opened yet" in text

    done("govern queue acceptance --account TEST::5")
    text = " ".join(done("govern queue opening --account TEST::5").split())
    for call in ("roles.accept_handover()", "configurator.unpause_mint()", "pool_factory.open()"):
        assert call in text
    assert text.count("waiting") == 2
    early = run("govern execute acceptance --account TEST::4")
    assert early.exit_code == 1

    ape.chain.pending_timestamp += DAY
    ape.chain.mine()
    assert "closed" in done("govern execute acceptance --account TEST::4")
    assert "the installation is open" in done("govern execute opening --account TEST::4")
    text = " ".join(done("describe").split())
    assert "the timelock" in text
    assert "open up to 1,000,000,000 AID" in text


def test_govern__cancelled__stays_closed(closed):
    done = succeeding(commands(closed))
    done("govern queue opening --account TEST::5")
    assert "unpause_mint" not in done("govern cancel opening --account TEST::9")
    assert not closed.is_open
    assert commands(closed)("govern cancel opening --account TEST::9").exit_code == 1


def test_govern__without_a_timelock__says_so(protocol):
    result = commands(protocol)("govern queue opening")
    assert result.exit_code == 1
