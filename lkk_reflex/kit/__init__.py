"""Domain-free, framework-free helpers. Imports no other package of the portal."""
