"""One connection, many users."""
