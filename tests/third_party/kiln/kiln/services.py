"""What is done: a kiln is put up, fired, and let cool."""

from __future__ import annotations

import sqlalchemy as sa

import tierslieu.toolkit as tl
from kiln import rules
from kiln.models import Firing, Kiln

say = tl.sentences("kiln")


def put_up(work: tl.Work, venue: tl.Venue, name: str, hottest: int) -> Kiln:
    """A kiln at a venue, which can be fired from now on."""
    work.require("kiln.edit", venue=venue.id)
    resource = tl.add_resource(work, venue_id=venue.id, kind="kiln", name=name)
    kiln = Kiln(id=resource.id, venue_id=venue.id, name=name, hottest=hottest)
    work.session.add(kiln)
    work.session.flush()
    work.audit("kiln.put_up", f"venue:{venue.slug}", venue=venue.id)
    return kiln


def fire(work: tl.Work, kiln: Kiln, span: tl.Span, degrees: int) -> Firing:
    """Take the kiln for that time. Raises Refused, or Conflict when it is taken."""
    work.require("kiln.fire", venue=kiln.venue_id)
    if reasons := rules.reasons(span, degrees, kiln.hottest, work.now):
        raise tl.Refused(*reasons)
    claim = tl.new_claim(
        work, venue_id=kiln.venue_id, kind="firing", span=span, resource_id=kiln.id, label=kiln.name
    )
    tl.take(work, [tl.Taking(claim.id, [kiln.id], span)])
    person_id = work.actor.person_id
    firing = Firing(
        id=claim.id,
        kiln_id=kiln.id,
        person_id=person_id,
        degrees=degrees,
        changed_at=work.now,
    )
    work.session.add(firing)
    work.session.flush()
    work.audit("kiln.fired", f"firing:{firing.public_id}", venue=kiln.venue_id, person=person_id)
    if person_id is not None:
        venue = work.session.get_one(tl.Venue, kiln.venue_id)
        lines = [say("“%(kiln)s” is yours, %(when)s.", kiln=kiln.name, when=span)]
        tl.tell(
            work,
            person_id,
            say("The kiln is yours"),
            lines,
            link=f"/venues/{venue.slug}/kilns",
            venue_id=venue.id,
            zone=venue.zone,
            about="kiln.fired",
        )
    return firing


def forget(work: tl.Work, person_id: int) -> None:
    """Firings stay, whose they were goes."""
    work.session.execute(
        sa.update(Firing).where(Firing.person_id == person_id).values(person_id=None)
    )


def invent(work: tl.Work) -> None:
    """A kiln for the demo, at its first venue."""
    venue = work.session.scalar(sa.select(tl.Venue).order_by(tl.Venue.id).limit(1))
    if venue is not None:
        put_up(work, venue, "Brigitta", 1280)
