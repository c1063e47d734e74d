"""What `make` runs; all but `reference` needs the standard library only."""
