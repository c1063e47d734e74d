"""Wrong edits of an app, drawn from a seed: do the app's own tests notice them?"""
