"""The bundle: its files, how they are written, and how they are checked."""
