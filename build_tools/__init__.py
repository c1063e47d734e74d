"""What `make` runs: install, vendor, servers, tests, checks. Standard library only."""
