"""The page for planners: choose a place, choose policies, run, read."""
