"""Plumbing that knows nothing of apps or forms."""
