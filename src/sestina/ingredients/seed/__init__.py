"""Random state that did not come from a literal in source."""
