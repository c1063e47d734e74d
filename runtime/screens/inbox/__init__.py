"""People's side of a flow: what waits for whom, what was done, and the acts on it."""
