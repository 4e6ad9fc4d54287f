"""Cards, fetching, building and running models."""
