# pragma version 0.4.3
# pragma optimize gas
"""
@title Many holders, each a contract of its own, who ask to leave the vault
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""


interface Vault:
    def transfer(_to: address, _amount: uint256) -> bool: nonpayable
    def requestRedeem(
        _shares: uint256, _controller: address, _owner: address
    ) -> uint256: nonpayable


interface Member:
    def request(_vault: address, _shares: uint256): nonpayable


members: public(DynArray[address, 2_000])


@external
def request(_vault: address, _shares: uint256):
    """
    @notice What a member does: put its shares in line.
    """
    extcall Vault(_vault).requestRedeem(_shares, self, self)


@external
def join(_vault: address, _shares: uint256, _count: uint256):
    """
    @notice Make `_count` new members, give each `_shares` of what lies here, and let them request.
    """
    for _: uint256 in range(_count, bound=200):
        member: address = create_minimal_proxy_to(self)
        self.members.append(member)
        assert extcall Vault(_vault).transfer(member, _shares)
        extcall Member(member).request(_vault, _shares)
