"""Every knob: arguments, keys of config files, variables that code read, recorded values."""
