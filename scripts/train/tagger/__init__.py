"""The tagger: which pieces of a pair the other side has."""
