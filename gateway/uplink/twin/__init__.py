"""What the hub wishes of the settings, what came of it, and who has the last word."""
