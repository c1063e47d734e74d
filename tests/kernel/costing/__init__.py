"""Valuation by itself: moves in memory, no database."""
