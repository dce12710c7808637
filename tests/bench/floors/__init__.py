"""The floors: the least that does the same, built anew for each run so that both sides share one machine."""
