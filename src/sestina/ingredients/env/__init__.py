"""The software that the process ran in: interpreter, distributions imported, libraries, variables."""
