"""Six rooms with the same four doors (gather, diff, restore, describe), one per ingredient."""
