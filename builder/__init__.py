"""Design time. Imports the runtime; the runtime never imports it."""
