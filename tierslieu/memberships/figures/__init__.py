"""What memberships know in figures: members by plan, who is new, dues as they were taken."""
