"""`python -m runtime.cli`: how a process of ours starts another."""

from runtime.cli import main

if __name__ == "__main__":
    main()
