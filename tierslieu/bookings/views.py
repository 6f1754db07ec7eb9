"""The blueprint of bookings; the pages themselves live in the rooms imported below."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("bookings", __name__, template_folder="templates")

# The rooms hang their pages on ``bp``, so they come after it.
from tierslieu.bookings.accessories import views as _accessories  # noqa: E402, F401
from tierslieu.bookings.attendance import views as _attendance  # noqa: E402, F401
from tierslieu.bookings.calendar import views as _calendar  # noqa: E402, F401
from tierslieu.bookings.cart import views as _cart  # noqa: E402, F401
from tierslieu.bookings.chains import views as _chains  # noqa: E402, F401
from tierslieu.bookings.desk import views as _desk  # noqa: E402, F401
from tierslieu.bookings.displays import views as _displays  # noqa: E402, F401
from tierslieu.bookings.finding import views as _finding  # noqa: E402, F401
from tierslieu.bookings.guests import views as _guests  # noqa: E402, F401
from tierslieu.bookings.handling import views as _handling  # noqa: E402, F401
from tierslieu.bookings.houserules import views as _houserules  # noqa: E402, F401
from tierslieu.bookings.member import views as _member  # noqa: E402, F401
from tierslieu.bookings.missed import views as _missed  # noqa: E402, F401
from tierslieu.bookings.places import views as _places  # noqa: E402, F401
from tierslieu.bookings.policies import views as _policies  # noqa: E402, F401
from tierslieu.bookings.preconditions import views as _preconditions  # noqa: E402, F401
from tierslieu.bookings.preemption import views as _preemption  # noqa: E402, F401
from tierslieu.bookings.preparation import views as _preparation  # noqa: E402, F401
from tierslieu.bookings.purposes import views as _purposes  # noqa: E402, F401
from tierslieu.bookings.quotas import views as _quotas  # noqa: E402, F401
from tierslieu.bookings.reminders import views as _reminders  # noqa: E402, F401
from tierslieu.bookings.search import views as _search  # noqa: E402, F401
from tierslieu.bookings.seasons import applications as _season_applications  # noqa: E402, F401
from tierslieu.bookings.seasons import member as _season_member  # noqa: E402, F401
from tierslieu.bookings.seasons import views as _seasons  # noqa: E402, F401
from tierslieu.bookings.series import views as _series  # noqa: E402, F401
from tierslieu.bookings.sponsors import views as _sponsors  # noqa: E402, F401
from tierslieu.bookings.terms import views as _terms  # noqa: E402, F401
from tierslieu.bookings.timeline import views as _timeline  # noqa: E402, F401
from tierslieu.bookings.waiting import views as _waiting  # noqa: E402, F401
