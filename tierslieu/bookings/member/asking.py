"""A wish in a form: filled in beforehand, judged as it stands, sent once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from tierslieu.bookings.accessories.forms import Free, Offer, Wanted, free_at, wanted_of
from tierslieu.bookings.availability.queries import Verdict, judge
from tierslieu.bookings.calendar.openings import AHEAD, next_slot
from tierslieu.bookings.calendar.queries import held_of
from tierslieu.bookings.cases.demands import AllAsked, unmet_of
from tierslieu.bookings.cases.queries import Party, booking_day
from tierslieu.bookings.member.cases import Seen, open_case
from tierslieu.bookings.member.forms import BookForm
from tierslieu.bookings.member.when import fields_of_span, in_fields
from tierslieu.bookings.preemption.queries import permitted
from tierslieu.bookings.queries import asked_for_by
from tierslieu.bookings.rules import Ask, EffectivePolicy, Price
from tierslieu.bookings.rules.demands import TermsFacts
from tierslieu.bookings.rules.uses import DECLARED, Purpose, known_facts, possible
from tierslieu.bookings.services import NewBooking
from tierslieu.bookings.waiting.queries import waiting_for
from tierslieu.bookings.waiting.services import WAITED_FOR
from tierslieu.kernel.errors import Invalid, NotFound, Reason, Refusal
from tierslieu.kernel.messages import Message, msg
from tierslieu.kernel.span import Span, at_wall, local_date
from tierslieu.kernel.work import Work
from tierslieu.people.models import Organisation
from tierslieu.people.organisations.queries import organisations_of
from tierslieu.venues.queries import room_zone
from tierslieu.venues.rules import open_spans
from tierslieu.venues.words import layout_label

#: How long a booking is that says only when it begins, in minutes.
USUAL: Final = 60
ME: Final = "me"
NOTHING: Final = Offer()
NONE_WANTED: Final = Wanted()


@dataclass(frozen=True)
class Asked:
    """A room, and what the rules say of what is asked for there.

    ``span`` None: not complete yet. ``reasons`` fill the fields of the form.
    """

    seen: Seen
    span: Span | None
    policy: EffectivePolicy
    reasons: tuple[Reason, ...] = ()
    price: Price | None = None
    verdict: Verdict | None = None
    asked_by: int = 0
    attendance: int | None = None
    declared: tuple[str, ...] = ()
    waiting: int = 0
    #: How many places and things are free then.
    free_kit: Free | None = None
    #: Whether she could take over what is taken.
    may_take_over: bool = False

    @property
    def may_wait(self) -> bool:
        """Whether all that is in the way is that it, or what goes with it, is taken."""
        return bool(self.reasons) and {each.code for each in self.reasons} <= set(WAITED_FOR)

    @property
    def fields(self) -> dict[str, str]:
        """The time as fields of a form."""
        return fields_of_span(self.span, self.seen.case.zone) if self.span else {}

    @property
    def free(self) -> bool:
        return self.span is not None and not self.reasons

    @property
    def wants_sponsor(self) -> bool:
        """Whether a member must vouch for her here."""
        if self.verdict is None:
            return any(need.kind == "sponsor" for need in self.seen.case.asked.needs)
        lacking = self.verdict.applicant.unmet.lacking
        return any(need.kind == "sponsor" for need in lacking)

    @property
    def asks(self) -> bool:
        """Whether somebody will have to answer."""
        return self.policy.asks_approval(self.attendance, self.declared)

    @property
    def purposes(self) -> list[Purpose]:
        """The uses to choose from, where the house has said some."""
        return possible(self.seen.case.facts.purposes, self.policy)

    @property
    def facts(self) -> list[str]:
        """What has to be declared here."""
        return [key for key in DECLARED if key in self.policy.asks_for]


def bodies(work: Work) -> list[Organisation]:
    """The organisations for which the actor may book."""
    if work.actor.person_id is None:
        return []
    return organisations_of(work.session, work.actor.person_id, work.now.date())


def choices(work: Work, seen: Seen) -> tuple[list[tuple[str, Message]], list[tuple[str, str]]]:
    """The layouts of a room and the parties the actor may book for, as choices of the form."""
    layouts = [
        (key, msg("%(layout)s (%(n)s)", layout=layout_label(key), n=int(people)))
        for key, people in seen.case.layouts.items()
        if people
    ]
    parties = [(body.public_id, body.name) for body in bodies(work)]
    return layouts, parties


def look(work: Work, room: str, form: BookForm, offer: Offer = NOTHING) -> Asked:
    """What would be answered if the form were sent as it stands. Raises NotFound."""
    zone = room_zone(work.session, room)
    try:
        span = form.span(zone)
    except Refusal as refusal:
        seen = open_case(work, room)
        return Asked(seen, None, seen.policy, in_fields(refusal.reasons, zone))
    seen = open_case(work, room, span)
    body = _body(work, form)
    if span is None:
        return Asked(seen, None, seen.policy)
    use = Use(form.purpose.data or None, known_facts(form.declared.data or ()), wanted_of(form))
    asked = judged(work, seen, span, form.n.data, body, form.layout.data or None, use)
    return replace(asked, free_kit=free_at(work, offer, span))


@dataclass(frozen=True)
class Use:
    """What a room is wanted for, what is declared of it, and what shall go with it."""

    purpose: str | None = None
    declared: tuple[str, ...] = ()
    wanted: Wanted = NONE_WANTED


def judged(
    work: Work,
    seen: Seen,
    span: Span,
    attendance: int | None,
    body: int | None,
    layout: str | None = None,
    use: Use | None = None,
) -> Asked:
    """A complete wish, judged for the actor or for a body she acts for."""
    case = seen.case.arranged(layout)
    party = Party(work.actor, work.actor.person_id, body)
    use = use or Use()
    wanted = use.wanted
    # What is to be accepted stands beside the button, so it is no reason before it was pressed.
    ticked = frozenset(each.public_id for each in case.asked.terms)
    ask = Ask(
        span,
        attendance,
        purpose=use.purpose,
        declared=use.declared,
        places=1 if wanted.place else wanted.places,
        place=wanted.place,
        things=wanted.things,
        accepts=ticked,
        sponsored=True,
    )
    verdict = judge(work, "book", case, party, ask, taken=True, purpose=use.purpose or "")
    count = asked_for_by(work.session, [case.id], span).get(case.id, 0)
    return Asked(
        seen,
        span,
        verdict.policy,
        in_fields(verdict.reasons, case.zone, booking_day(case, span)),
        verdict.price(span, seen.currency),
        verdict,
        count,
        attendance,
        use.declared,
        _waiting(work, verdict, span),
        may_take_over=_is_taken(verdict) and permitted(work, case, verdict.policy),
    )


def _waiting(work: Work, verdict: Verdict, span: Span) -> int:
    """How many wait for what is taken."""
    if not _is_taken(verdict):
        return 0
    return waiting_for(work.session, verdict.case.id, span)


def _is_taken(verdict: Verdict) -> bool:
    return any(reason.code == "taken" for reason in verdict.reasons)


def to_accept(work: Work, asked: Asked) -> tuple[TermsFacts, ...]:
    """The terms that the actor has not accepted yet, and must to book this room."""
    if asked.verdict is not None:
        return asked.verdict.applicant.unmet.unaccepted
    case = asked.seen.case
    if not case.asked.terms:
        return ()
    today = local_date(work.now, case.zone)
    only = AllAsked(case.asked.terms)
    person = work.actor.person_id
    return unmet_of(work.session, only, person, None, case.venue_id, today, today).unaccepted


def refused(asked: Asked, refusal: Refusal) -> Asked:
    """The wish again, with what the verb itself said of it."""
    zone = asked.seen.case.zone
    day = None if asked.span is None else local_date(asked.span.starts_at, zone)
    return replace(asked, reasons=in_fields(refusal.reasons, zone, day))


def _body(work: Work, form: BookForm) -> int | None:
    wanted = form.who.data or ME
    if wanted == ME:
        return None
    return next((body.id for body in bodies(work) if body.public_id == wanted), None)


def wish(work: Work, room: str, form: BookForm) -> NewBooking:
    """What the form asks for. Raises Refusal for times that cannot be meant, NotFound."""
    span = form.span(room_zone(work.session, room))
    if span is None:
        raise Invalid("missing", msg("Choose a day."), "date")
    body = _body(work, form)
    if body is None and (form.who.data or ME) != ME:
        raise NotFound
    return NewBooking(
        room=room,
        span=span,
        title=form.title.data or "",
        attendance=form.n.data,
        visibility=form.visibility.data or "private",
        layout=form.layout.data or None,
        note=form.note.data or "",
        purpose=form.purpose.data or "",
        declared=known_facts(form.declared.data or ()),
        organisation_id=body,
        **wanted_of(form).values,
        accept_terms=tuple(form.accept_terms.data or ()),
        sponsor=form.sponsor.data or "",
    )


def once(form: BookForm, sent: Mapping[str, str]) -> str:
    """A key for exactly this form with exactly this content: sent twice, it is done once."""
    told = sorted((name, value) for name, value in sent.items() if name != "csrf_token")
    digest = hashlib.sha256(repr(told).encode()).hexdigest()[:32]
    return f"form-{(form.nonce.data or '')[:32]}-{digest}"


def with_choice(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """A form in which one of the nearest choices was pressed: its fields put in."""
    filled = MultiDict(sent)
    for name, value in parse_qsl(filled.pop("use", ""), keep_blank_values=True):
        filled.setlist(name, [value])
    return filled


def other_room(sent: Mapping[str, str]) -> str:
    """The other room that was pressed among the nearest choices, if one was."""
    pressed = dict(parse_qsl(sent.get("use", "")))
    return pressed.get("room") or pressed.get("room_id", "")


def filled(work: Work, room: str, args: MultiDict[str, str]) -> MultiDict[str, str]:
    """What an address asks for, completed: the next free time, or a usual length."""
    fields = MultiDict(args)
    if not (fields.get("date") and fields.get("start")):
        seen = open_case(work, room, Span(work.now, work.now + AHEAD))
        held = held_of(work, [seen.case], Span(work.now, work.now + AHEAD))[seen.case.id]
        slot = None if fields.get("date") else next_slot(seen, held, work.now)
        if slot is not None:
            fields.update(fields_of_span(slot, seen.case.zone))
    elif not fields.get("end"):
        fields.update(_usual_end(open_case(work, room), fields))
    return fields


def _usual_end(seen: Seen, fields: MultiDict[str, str]) -> dict[str, str]:
    """An end for a start: an hour, within the limits and before it closes."""
    try:
        wall = datetime.fromisoformat(f"{fields['date']}T{fields['start']}")
    except ValueError:
        return {}
    if wall.tzinfo is not None:
        return {}
    policy, zone = seen.policy, seen.case.zone
    minutes = max(USUAL, policy.shortest_minutes or 0)
    if policy.longest_minutes:
        minutes = min(minutes, policy.longest_minutes)
    day = wall.date()
    start = at_wall(day, wall.hour * 60 + wall.minute, zone)
    end = start + timedelta(minutes=minutes)
    opens = open_spans(seen.case.facts.opening, day, day + timedelta(days=1), zone)
    closing = next((span.ends_at for span in opens if span.contains(start)), end)
    local = min(end, closing).astimezone(zone)
    same_day = local_date(local, zone) == day or local.time() == time(0, 0)
    return {"end": f"{local:%H:%M}"} if same_day else {}
