"""Answers as text, JSON and SVG; nothing here reads a repo."""
