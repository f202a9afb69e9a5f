"""What the four services share: contracts, the ledger, the registry snapshot and the platform."""
