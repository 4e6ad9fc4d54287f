"""The forecaster's network: drawn houses to learn from, the training, and what is shipped of it."""
