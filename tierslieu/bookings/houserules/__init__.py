"""The rules of a room, said to whoever reads: in short, in plain words, and where each is from."""
