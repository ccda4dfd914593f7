"""Where bytes lie: one file per kind of place, all held to one conformance suite."""
