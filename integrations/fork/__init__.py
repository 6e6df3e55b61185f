"""The local mainnet: real venue bytecode and the protocol on one anvil, without internet."""
