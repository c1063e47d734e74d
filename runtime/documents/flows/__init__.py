"""Documents in a flow: what people do with them, what its steps do, what its end means."""
