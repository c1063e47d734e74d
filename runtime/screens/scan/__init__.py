"""Scanning goods with a handheld: the shell that works without a network, and what it asks for."""
