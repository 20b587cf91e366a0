"""Static bilingual embeddings of the pieces."""
