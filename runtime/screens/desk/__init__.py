"""A person's own pages: workbench, palette, notices, preferences."""
