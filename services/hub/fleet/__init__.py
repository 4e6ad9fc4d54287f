"""The homes together: how they come in, how they are sorted, how they are."""
