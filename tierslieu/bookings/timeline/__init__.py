"""All rooms of a day, the week, the list: what the desk looks at and moves."""
