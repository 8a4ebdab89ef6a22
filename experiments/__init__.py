"""Runs of the model, and what they say."""
