"""Answers as text for people: 80 columns, readable without colour."""
