"""Source that was executed, and the command that started it."""
