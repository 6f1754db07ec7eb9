"""Set-up and clear-up: what a booking occupies beside the time people see."""
