"""All pages of memberships: each room's views hang on one blueprint."""

from __future__ import annotations

from tierslieu.memberships.blueprint import bp
from tierslieu.memberships.dues import views as dues
from tierslieu.memberships.own import views as own
from tierslieu.memberships.plans import views as plans
from tierslieu.memberships.register import views as register

__all__ = ["bp", "dues", "own", "plans", "register"]
