"""Every input that is not code, config or software."""
