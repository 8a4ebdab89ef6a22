"""The processes of a school term, one file each."""
