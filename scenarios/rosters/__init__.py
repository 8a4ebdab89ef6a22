"""Rosters as people keep them: read, checked, completed and written as a scenario."""
