"""What each piece may become in the other language, with probabilities."""
