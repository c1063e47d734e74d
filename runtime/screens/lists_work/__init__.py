"""Working in lists: cells edited in place, many records at once, other looks, files of them."""
