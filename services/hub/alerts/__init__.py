"""What is wrong with homes: found, kept, told."""
