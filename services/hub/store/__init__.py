"""What the hub knows: enrolled gateways, their summaries exactly once, roll-ups, refusals. SQLite or PostgreSQL."""
