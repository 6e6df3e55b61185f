def test_x(protocol, people):
    s = protocol.state([people.alice.address])
    print(s)
    assert s.supply == 0
