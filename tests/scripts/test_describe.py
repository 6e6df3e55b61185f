"""`ape run describe` on the installation of the tests."""


def test_describe__tells_addresses_parameters_and_what_oracles_count(done, protocol):
    text = done("describe")

    assert protocol.oracle("USDC").address in text
    for loan in ("USDC", "AID"):
        # nobody has staked: a share is one AID
        assert f"oracle sAID-{loan}" in text
    assert text.count("1.000000 AID, rising at most 100 bps in 1 days") == 2
    assert "pool AID-USDC" in text
    assert "balance sheet, normal mode" in text
