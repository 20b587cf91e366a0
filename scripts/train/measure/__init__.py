"""Measurements of finished products, and references to compare the program with."""
