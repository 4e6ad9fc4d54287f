"""Changes brought to many homes, a few at first: settings, models and images."""
