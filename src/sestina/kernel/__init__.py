"""Bytes and names: pure, without I/O, and without any word of machine learning."""
