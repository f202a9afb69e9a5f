"""The ledger's three doors without servers; one contract suite holds them to the real ones."""
