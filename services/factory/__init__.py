"""The factory: makes, measures and signs models on a workstation. Never installed on a gateway."""
