"""Consumers and what goes on in them: who they are, what they remember, choose and feel."""
