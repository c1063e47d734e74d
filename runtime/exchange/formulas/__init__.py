"""Formulas of a workbook: read, put into words of our language, and proved row by row."""
