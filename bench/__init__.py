"""The benchmarks behind `make bench`: one file per subject, each beside the bare work below it."""
