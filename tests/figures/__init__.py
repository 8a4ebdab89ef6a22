"""Tests of the pictures, tables and reports."""
