"""Hints and help texts."""
