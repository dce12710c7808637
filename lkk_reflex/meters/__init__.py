"""Meters and their readings: what is shown, sent, corrected, exported and counted."""
