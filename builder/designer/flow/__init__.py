"""The flow designer: cards, the settings of a step, a dry run, and what still runs."""
