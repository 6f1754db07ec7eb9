"""A member's pages: book, look at, move, cancel, and what is next."""
