"""Privacy: everything about a person in one file, and erasure that leaves no trace."""
