"""A class that guesses together: the room with its votes, and what each role is told of it."""
