"""The clean pairs as piece numbers, which every product learns from."""
