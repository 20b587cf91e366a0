"""A test of the whole training on phrases of our own, and tests of its parts."""
