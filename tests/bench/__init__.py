"""How fast and how heavy the portal is, beside what the machine and the framework allow at best: `make bench`."""
