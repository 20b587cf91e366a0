"""A training run: where it stands, how its learning rate rises and falls."""
