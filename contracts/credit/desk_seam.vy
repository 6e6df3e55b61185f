# pragma version 0.4.3
"""
@title What desk, ledger and Deals tell each other
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Deals knows what was agreed, the ledger what is owed, the desk has the money and the book. A user
        calls the desk; the desk asks the ledger what that comes to, and carries it out.
"""

from . import curve
from . import deal_terms
from ..interfaces import IDealDesk


# What Deals says of a deal that is funded now; wei.
struct Opening:
    borrower: address
    receipt: uint256
    coin: address
    funder: address
    amount: uint256  # principal and price of the share
    fee: uint256  # tokenisation
    reserve: uint256
    first_loss: uint256


# What the ledger says that a call comes to; wei. Whatever came in is used or unused; used cash and what
# was held for the deal go to funder, fees and borrower.
struct Outcome:
    leg: uint256  # that was paid
    used: uint256
    unused: uint256
    principal: uint256  # repaid
    fee: uint256
    to_funder: uint256
    gain: uint256  # of that, what vests
    to_borrower: uint256
    loss: uint256  # of carrying value, for vault and insurance
    closed: bool  # whether the deal is over
    ring_fenced: bool
    # legs to put in the place of the old ones, if they change
    sets_debt: bool
    sets_share: bool
    debt: curve.Leg
    share: curve.Leg


interface Agreements:
    def open(_deal: uint256) -> Opening: nonpayable
    def restructure(
        _deal: uint256, _cost: uint256, _instalments: uint256, _interval: uint256
    ) -> deal_terms.Terms: nonpayable
    def close(_deal: uint256): nonpayable
    def terms(_deal: uint256) -> deal_terms.Terms: view
    def funder_of(_deal: uint256) -> address: view
    def borrower_of(_deal: uint256) -> address: view
    def receipt_of(_deal: uint256) -> uint256: view
    def open_deals() -> uint256: view


interface Ledger:
    def open(
        _deal: uint256, _ring_fenced: bool, _reserve: uint256, _first_loss: uint256
    ) -> Outcome: nonpayable
    def pay(_deal: uint256, _to_share: bool, _amount: uint256) -> Outcome: nonpayable
    def wait(_deal: uint256, _to_share: bool, _counted: uint256) -> Outcome: nonpayable
    def settle(
        _leg: uint256, _amount: uint256, _counted: uint256, _excused: uint256
    ) -> Outcome: nonpayable
    def draw(_deal: uint256) -> Outcome: nonpayable
    def finish(_deal: uint256) -> Outcome: nonpayable
    def declare_default(_deal: uint256): nonpayable
    def mark(_deal: uint256, _bps: uint256, _up: bool) -> Outcome: nonpayable
    def liquidate(_deal: uint256) -> uint256: nonpayable
    def step_in(_deal: uint256, _instalments: uint256, _interval: uint256) -> Outcome: nonpayable
    def resolve(_deal: uint256, _brought: uint256) -> Outcome: nonpayable
    def status(_deal: uint256) -> IDealDesk.Status: view
    def owed(_deal: uint256) -> uint256: view


interface Desk:
    def leg(_id: uint256) -> curve.Leg: view
