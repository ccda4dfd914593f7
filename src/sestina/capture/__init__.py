"""Watches a process and yields what it read, wrote, ran and reached."""
