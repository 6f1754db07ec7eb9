"""What plugins tell people: in the reader's language, by mail or at the desk."""

from __future__ import annotations

import sqlalchemy as sa

import tierslieu.toolkit as tl
from tierslieu.kernel.mail import Mail, to_be_told
from tierslieu.kernel.outbox import Job
from tierslieu.people.services import register_person
from tierslieu.testing import a_venue, an_account

say = tl.sentences("tierslieu")


def test_who_has_an_address_gets_a_mail_in_her_language_who_has_none_is_told_at_the_desk(
    site: tl.Site,
) -> None:
    with site.writing() as work:
        venue = a_venue(work)
        account = an_account(work, "ada@example.org")
        work.session.get_one(tl.Person, account.person_id).locale = "it"
        rina = register_person(work, venue.id, "Rina", phone="0522 000000")
        lines = [say("Venue"), "Caffè"]
        about = {"link": "/kiln", "venue_id": venue.id, "about": "kiln.fired"}
        told = [tl.tell(work, each, say("Room"), lines, **about)
                for each in (account.person_id, rina.id, 0)]  # fmt: skip

    assert told == [True, False, False]
    with site.reading() as work:
        mail = work.session.scalars(sa.select(Mail)).one()
        assert (mail.subject, mail.about, mail.to_address) == (
            "Sala",
            "kiln.fired",
            "ada@example.org",
        )
        assert mail.body == "Luogo\n\nCaffè\n\nhttp://localhost/kiln\n"
        assert "mail.send" in set(work.session.scalars(sa.select(Job.name)))
        [entry] = to_be_told(work.session, venue.id)
        assert (entry.person_id, entry.text) == (rina.id, "Room\nVenue\nCaffè")
