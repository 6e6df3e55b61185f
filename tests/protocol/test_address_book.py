"""The address book file: what is read back is what was written, and what does not fit is named."""

import json

import pytest

from integrations.protocol import AddressBook, AddressBookError, Entry

ADDRESS = "0x8fFfFfd4AfB6115b954Bd326cbe7B4BA576818f6"


@pytest.fixture
def written(tmp_path):
    book = AddressBook(tmp_path / "here" / "local.json", 31337, "0xaa")
    book.announce("gateway", ADDRESS)
    book.record("aid", Entry(ADDRESS, "AID", "0x01"))
    return book


def test_open__what_was_written__is_the_same(written):
    assert AddressBook.open(written.path, 31337, "0xaa", live=True) == written


def test_record__of_an_announced_contract__ends_the_announcement(written):
    written.record("gateway", Entry(ADDRESS, "Gateway", "0x02"))
    assert written.sent == {}


def test_open__of_a_chain_that_has_ended__starts_anew(written):
    assert AddressBook.open(written.path, 31337, "0xbb", live=False).contracts == {}


def test_open__of_another_live_chain__is_refused(written):
    with pytest.raises(AddressBookError, match="belongs to chain 31337"):
        AddressBook.open(written.path, 1, "0xbb", live=True)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "not json", json.dumps({"format": 1, "chain_id": "x", "genesis": "", "contracts": {}})],
)
def test_open__of_something_else__is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "local.json"
    path.write_text(content)
    with pytest.raises(AddressBookError, match="no address book") as caught:
        AddressBook.open(path, 1, "0xaa", live=False)
    assert "\n" not in str(caught.value)


def test_open__of_a_later_format__names_both(tmp_path):
    path = tmp_path / "local.json"
    path.write_text(json.dumps({"format": 2}))
    with pytest.raises(AddressBookError, match="format 2, expected 1"):
        AddressBook.open(path, 1, "0xaa", live=False)
