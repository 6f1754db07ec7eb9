"""One room and one applicant as the rules of booking see them."""
