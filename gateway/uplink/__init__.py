"""What leaves the home: summaries, in order, at least once, and nothing else."""
