"""My page: what a person sees and changes about herself."""
