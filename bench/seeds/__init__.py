"""Data for benchmarks, made in sets because a person's way would take hours."""
