"""The ledger: one shell around pure decisions, the only place that reads, writes and publishes."""
