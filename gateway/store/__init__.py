"""Durable state: SQLite with one writer, media, vault."""
