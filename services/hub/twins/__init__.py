"""What the hub wishes of the settings of each home, and what came of it."""
