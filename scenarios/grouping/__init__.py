"""Propose groups of schools: who leads, who belongs to whom, by a stated wish."""
