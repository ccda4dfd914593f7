"""The software that the process ran in: interpreter, distributions, libraries, variables."""
