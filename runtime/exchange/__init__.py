"""Excel in: the gate, the caged reader, where the tables are and what their columns mean."""
