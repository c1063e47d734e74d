"""What every costing method stands on: the walk over moves, pools, shortages, late costs, states.

The door is `runtime.kernel.costing`; the methods themselves are its siblings, one per file.
"""
