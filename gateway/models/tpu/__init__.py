"""The Edge TPU: a child process that may die, and what keeps the house from noticing."""
