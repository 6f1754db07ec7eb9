"""The waiting list of a thing: who asked first is asked first, and what is offered is held."""
