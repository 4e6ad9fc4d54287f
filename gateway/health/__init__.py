"""One file per worry."""
