"""Keeps bytes and history; the only room that knows how a repo is laid out."""
