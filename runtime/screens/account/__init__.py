"""A person's account: password, second step, where one is signed in, tokens, links to get in."""
