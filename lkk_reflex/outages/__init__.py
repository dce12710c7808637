"""Outages: what a provider switches off, when, and for which accounts."""
