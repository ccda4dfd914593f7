"""The nouns: frozen dataclasses, immutable once written, named by the SHA-256 of their bytes."""
