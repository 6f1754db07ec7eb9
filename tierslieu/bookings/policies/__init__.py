"""House rules and prices as they are set: by scope and audience, with examples."""
