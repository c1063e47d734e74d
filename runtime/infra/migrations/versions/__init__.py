"""One module per version of the system tables, in order."""
