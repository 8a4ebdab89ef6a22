"""The agent-based model of schools and teachers in school groups; it reads no files and draws nothing."""
