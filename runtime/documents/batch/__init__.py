"""The same act on many records: each with an outcome of its own, and undone as one."""
