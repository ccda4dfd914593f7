"""The index over records and journal: it can be dropped and rebuilt to the same answers."""
