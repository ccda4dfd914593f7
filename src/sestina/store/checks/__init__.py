"""What `check` looks at: the bytes that are stored, the links between them, and the history."""
