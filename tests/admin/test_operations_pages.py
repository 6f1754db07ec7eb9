"""The administrator's pages of jobs and mails."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.mail import post
from tierslieu.kernel.outbox import Job
from tierslieu.kernel.site import Site
from tierslieu.people.models import Person
from tierslieu.testing import an_account, sign_in


@pytest.fixture
def admin(app: Any, site: Site) -> Any:
    with site.writing() as work:
        an_account(work, "admin@example.org", role="network_admin")
        an_account(work, "ada@example.org")
    client = app.test_client()
    sign_in(client, "admin@example.org")
    return client


def test_a_failed_job_is_shown_with_its_error_and_tried_again(admin: Any, site: Site) -> None:
    with site.writing() as work:
        work.later("mail.send", mail_id=1)
        work.session.flush()
        work.session.execute(
            sa.update(Job).values(state="failed", attempts=5, error="Trace\nOSError: no route")
        )
    page = admin.get("/admin/jobs?state=failed").text
    assert "OSError: no route" in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    address = re.search(r'action="(/admin/jobs/\d+/retry)"', page)
    assert token
    assert address
    assert admin.post(address[1], data={"csrf_token": token[1]}).status_code == 302
    with site.reading() as work:
        assert work.session.execute(sa.select(Job.state, Job.attempts)).one() == ("queued", 0)


def test_a_mail_is_shown_as_written_and_looking_is_noted(admin: Any, site: Site) -> None:
    with site.writing() as work:
        ada = work.session.scalars(sa.select(Person).where(Person.email == "ada@example.org")).one()
        post(work, ada, "Your key", ["It is under the <mat>."], link="/me")
    listed = admin.get("/admin/mails").text
    address = re.search(r'href="(/admin/mails/[a-z0-9]+)"', listed)
    assert address
    shown = admin.get(address[1]).text
    assert "It is under the &lt;mat&gt;." in shown
    assert 'href="http://localhost/me"' in shown
    with site.reading() as work:
        assert "mails.read" in work.session.scalars(sa.select(AuditEntry.verb)).all()


@pytest.mark.parametrize("address", ["/admin/jobs", "/admin/mails"])
def test_nobody_else_looks(app: Any, admin: Any, address: str) -> None:
    client = app.test_client()
    assert client.get(address).status_code == 302
    sign_in(client, "ada@example.org")
    assert client.get(address).status_code == 403
