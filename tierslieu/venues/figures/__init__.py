"""What places know in figures: how long they were open, and how one gets into their rooms."""
