"""Several rooms and dates in one go (invariants of ``bookings.cart``)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bookings.kits import desks, things
from tests.bookings.test_places import codes, make, refusal
from tierslieu.bookings.cart.models import CartLine
from tierslieu.bookings.cart.queries import how_many
from tierslieu.bookings.cart.services import add, book_together, fates, forget_old, look, send
from tierslieu.bookings.models import Booking
from tierslieu.bookings.services import NewBooking
from tierslieu.kernel.errors import Conflict, Refused
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.span import Span, iso
from tierslieu.people.privacy.services import erase as erase_person
from tierslieu.testing import a_token

At = Callable[..., Span]


def wish(house: Any, room: str, span: Span, **more: Any) -> NewBooking:
    return NewBooking(house.rooms[room], span, "Festival", **more)


def booked(house: Any) -> int:
    with house.site.reading() as work:
        return work.session.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0


def mails(house: Any) -> int:
    with house.site.reading() as work:
        question = sa.select(sa.func.count()).select_from(Job).where(Job.name.like("mail%"))
        return work.session.scalar(question) or 0


def test_several_are_booked_in_one_go_with_one_mail(house: Any, at: At) -> None:
    """Invariants 1 and 4."""
    first, second = at("2026-11-04 15:00", "17:00"), at("2026-11-05 15:00", "17:00")
    with house.writing("ada") as work:
        found = book_together(work, [wish(house, "sala", first), wish(house, "tidy", second)])
        assert [found.made[n].state for n in (0, 1)] == ["confirmed", "confirmed"]
    assert (booked(house), mails(house)) == (2, 1)


def test_one_that_cannot_be_had_leaves_nothing_and_all_are_told(house: Any, at: At) -> None:
    span, other = at("2026-11-04 15:00", "17:00"), at("2026-11-05 15:00", "17:00")
    make(house, "bice", "sala", span)
    wishes = [wish(house, "tidy", other), wish(house, "sala", span), wish(house, "sala", span)]

    def together() -> None:
        with house.writing("ada") as work:
            book_together(work, wishes)

    error = refusal(together)
    assert isinstance(error, Conflict)
    assert [reason.field for reason in error.reasons] == [
        "bookings.1.starts_at",
        "bookings.2.starts_at",
    ]
    assert booked(house) == 1


def test_lines_of_one_list_see_each_other(house: Any, at: At) -> None:
    """Invariant 2."""
    span = at("2026-11-04 15:00", "17:00")
    projector, _ = things(house)
    wishes = [
        wish(house, "sala", span, things=((projector, 1),)),
        wish(house, "tidy", span, things=((projector, 1),)),
        wish(house, "sala", span),
    ]
    with house.writing("ada") as work:
        found = fates(work, wishes)
    assert list(found.made) == [0]
    assert [codes(found.refused[n]) for n in (1, 2)] == [["accessory_taken"], ["taken"]]
    assert booked(house) == 0


def test_the_list_is_looked_at_and_sent_what_fits(house: Any, at: At) -> None:
    """Invariant 3."""
    desks(house)
    span = at("2026-11-04 15:00", "17:00")
    make(house, "bice", "sala", span)
    with house.writing("ada") as work:
        add(work, wish(house, "desks", span, places=2))
        add(work, wish(house, "sala", span))
    with house.writing("ada") as work:
        lines, found = look(work)
        assert [line.room_name for line in lines] == ["Desks", "Sala"]
        assert found.cents == 800
        assert codes(found.refused[1]) == ["taken"]

    def all_of_it() -> None:
        with house.writing("ada") as work:
            send(work)

    assert codes(refusal(all_of_it)) == ["taken"]
    with house.writing("ada") as work:
        send(work, skip=True)
        assert how_many(work.session, house.people["ada"]) == 1
    assert booked(house) == 2


def test_nothing_to_send_is_said(house: Any) -> None:
    with pytest.raises(Refused), house.writing("ada") as work:
        send(work)


def test_old_lines_and_those_of_somebody_erased_go_away(house: Any, at: At) -> None:
    """Invariant 5."""
    with house.writing("ada") as work:
        add(work, wish(house, "sala", at("2026-11-04 15:00", "17:00")))
        add(work, wish(house, "sala", at("2027-11-04 15:00", "17:00")))
    with house.site.writing() as work:
        assert forget_old(work) == 0
        work.now = at("2026-11-04 16:00", "17:00").starts_at
        assert forget_old(work) == 1
        work.now += timedelta(days=31)
        assert forget_old(work) == 1
    with house.writing("bice") as work:
        add(work, wish(house, "sala", at("2026-11-04 15:00", "17:00")))
    with house.writing("admin") as work:
        erase_person(work, house.people["bice"])
        assert work.session.scalar(sa.select(sa.func.count()).select_from(CartLine)) == 0


# -- over HTTP -------------------------------------------------------------------------------------


def send_batch(app: Any, house: Any, body: dict[str, Any], key: str = "") -> Any:
    from tierslieu.people.queries import account_by_email

    with house.site.writing() as work:
        token = a_token(work, account_by_email(work.session, "ada@example.org"))
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().post(
        "/api/v1/bookings/batch",
        json=body,
        headers=headers | ({"Idempotency-Key": key} if key else {}),
    )


def asked(house: Any, room: str, span: Span, **more: Any) -> dict[str, Any]:
    return {
        "room_id": house.rooms[room],
        "starts_at": iso(span.starts_at),
        "ends_at": iso(span.ends_at),
        "title": "Festival",
    } | more


def test_a_batch_by_the_api(app: Any, house: Any, at: At) -> None:
    desks(house)
    _, chairs = things(house)
    span = at("2026-11-04 15:00", "17:00")
    body = {
        "bookings": [
            asked(house, "desks", span, place="Desk 2"),
            asked(house, "sala", span, accessories=[{"id": chairs, "quantity": 12}]),
            asked(house, "sala", span),
        ]
    }
    refused = send_batch(app, house, body)
    assert refused.status_code == 409
    assert refused.json["reasons"][0]["field"] == "bookings.2.starts_at"
    dry = send_batch(app, house, body | {"skip_conflicts": True, "dry_run": True})
    assert (dry.status_code, booked(house)) == (200, 0)
    made = send_batch(app, house, body | {"skip_conflicts": True})
    assert made.status_code == 201
    assert [one["index"] for one in made.json["skipped"]] == [2]
    first, second = made.json["bookings"]
    assert first["place_names"] == ["Desk 2"]
    assert second["accessories"] == [{"id": chairs, "name": "Chairs", "quantity": 12}]
    # Two hours of a desk; two hours of two chairs that are not included.
    assert made.json["total_price_cents"] == 400 + 40
    assert booked(house) == 2
