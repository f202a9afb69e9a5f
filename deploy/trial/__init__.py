"""What would have been: past reports before draft routing rules (``wangge dispatch try``)."""
