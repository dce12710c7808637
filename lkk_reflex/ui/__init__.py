"""Stateless building blocks of screens; imports no slice."""
