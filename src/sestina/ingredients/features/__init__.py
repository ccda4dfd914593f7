"""Functions that define features, claimed by the settings or by the decorator."""
