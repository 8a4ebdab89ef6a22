"""Tests of the command line and of the pages kept in step with the code."""
