"""The work without the product: what a programmer writes by hand with the bare tools."""
