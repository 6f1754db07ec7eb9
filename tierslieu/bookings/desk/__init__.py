"""The desk of a venue: today, requests to answer, booking for others, one booking."""
