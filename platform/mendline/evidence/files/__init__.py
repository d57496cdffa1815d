"""Evidence files: what is taken, how it is examined, where it is kept."""
