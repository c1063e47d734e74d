"""`python -m runtime.cli`: how a process of ours starts another."""

from runtime.cli import main

main()
