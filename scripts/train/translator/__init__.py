"""The translator: a Marian network, and its training."""
