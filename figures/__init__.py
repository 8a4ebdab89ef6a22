"""Pictures, tables and reports, drawn from a saved results directory and nothing else."""
