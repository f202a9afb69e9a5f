"""A seeded simulation of the ledger: any failure replays from its seed."""
