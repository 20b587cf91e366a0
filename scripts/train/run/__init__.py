"""A training run: its schedule, its log, its checkpoints, and its course."""
