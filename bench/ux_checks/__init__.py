"""What people notice, measured in a real browser: checks of the UX guide, documents and lists."""
