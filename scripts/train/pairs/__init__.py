"""Sentence pairs: those that programs write, and the cleaning of all of them."""
