"""Everything that imitates the outside world in the demo and in tests; refuses to start in production."""
