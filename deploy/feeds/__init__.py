"""Real input: another city's export, read by a small file of data, as reports and entries."""
