"""Pages that join several slices."""
