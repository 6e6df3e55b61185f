"""Bytes of every deployable contract, against the committed table."""

import os

import pytest

from integrations.protocol.artifacts import SHIPPED, legacy
from tests.gas import sizes_table as table

UPDATE = os.environ.get("AID_BENCH") == "update"
#: Contracts that have still to be given room.
TIGHT = {"Gateway"}

as_deployed = pytest.mark.skipif(legacy(), reason="compiled otherwise than what is deployed")


@pytest.fixture(scope="module")
def used(project):
    sizes = {
        n: table.deployed(n, getattr(project, n).contract_type.runtime_bytecode.bytecode) for n in SHIPPED
    }
    if UPDATE and not legacy():
        table.update(sizes)
    return sizes


@as_deployed
@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in TIGHT])
def test_every_contract__has_room(used, name):
    assert table.LIMIT - used[name] >= table.ROOM


@as_deployed
@pytest.mark.parametrize("name", SHIPPED)
def test_recorded_size__is_the_true_one_to_one_percent(used, name):
    assert abs(table.recorded()[name] - used[name]) <= table.LIMIT // 100, "run `make sizes`"


def test_size__is_that_of_the_code_on_chain(used, chain, vault, gateway):
    # asked for both codes, the compiler runs the last passes of Venom twice: the runtime code is bytes off
    assert used["StakedAID"] == pytest.approx(len(chain.provider.get_code(vault.address)), abs=32)
    assert used["Gateway"] == len(chain.provider.get_code(gateway.address))
