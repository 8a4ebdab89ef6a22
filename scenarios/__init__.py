"""Worlds and policies as files, and the code that reads, checks, generates and imports them."""
