"""Settings of each step, and what reads them."""
