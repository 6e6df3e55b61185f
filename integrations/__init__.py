"""Python side of the AID protocol: deploy it, use it, simulate it, connect it to other venues."""
