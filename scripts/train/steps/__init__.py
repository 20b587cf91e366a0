"""The steps from pairs to a checked bundle, and when each has to be run."""
