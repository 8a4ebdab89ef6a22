"""Tests of the pages that readers start from."""
