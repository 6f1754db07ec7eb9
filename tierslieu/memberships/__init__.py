"""Memberships: a person in a venue's association, for one season of a plan.

A *plan* has its own season; a *membership* is applied for, admitted or refused at the desk and
bears a *card*; *dues* are taken and never rewritten, only withdrawn.

1. A membership runs when it is admitted and the day lies in its season or the plan's grace.
2. Lapse cancels no booking; it stops new ones and the member price.
3. A person has one membership a plan and season; a card number is given once.
"""
