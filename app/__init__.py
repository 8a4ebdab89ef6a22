"""The doors: the command line and the page for planners."""
