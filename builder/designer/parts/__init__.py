"""Parts of an app that are set as a whole, each with a page of its own."""
