"""A job is done if and only if what it follows from was done: at least once, never forgotten."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel import clock, jobs
from tierslieu.kernel.errors import NotFound
from tierslieu.kernel.jobs import Postponed, drain, give_back, plan
from tierslieu.kernel.outbox import Job, JobKind
from tierslieu.kernel.site import Site
from tierslieu.kernel.work import Work


class Diary:
    """What the jobs of a test did."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.raising: list[Exception] = []

    def note(self, _work: Work, text: str = "") -> None:
        self.lines.append(text)
        if self.raising:
            raise self.raising.pop(0)


@pytest.fixture
def diary(site: Site) -> Diary:
    found = Diary()
    site.jobs.clear()
    site.add_jobs([JobKind("note", found.note, max_attempts=3)])
    return found


def write(site: Site, name: str = "note", **payload: Any) -> None:
    with site.writing() as work:
        work.later(name, **payload)


def only(site: Site) -> Job:
    with site.reading() as work:
        return work.session.scalars(sa.select(Job)).one()


def test_a_job_is_done_once_and_says_so(site: Site, diary: Diary) -> None:
    write(site, text="a")
    assert drain(site) == 1
    assert drain(site) == 0
    assert diary.lines == ["a"]
    assert (only(site).state, only(site).lease) == ("done", None)


def test_a_job_of_work_that_failed_never_existed(site: Site, diary: Diary) -> None:
    with suppress(ZeroDivisionError), site.writing() as work:
        work.later("note", text="a")
        raise ZeroDivisionError
    assert drain(site) == 0


def test_a_job_that_raises_loses_its_writes_and_is_tried_again_later(
    site: Site, diary: Diary
) -> None:
    def half(work: Work) -> None:
        work.audit("test.half", "test:1")
        raise ValueError("no")

    site.add_jobs([JobKind("half", half)])
    write(site, "half")
    assert drain(site) == 1
    row = only(site)
    assert (row.state, row.attempts, row.error) == ("queued", 1, "ValueError: no")
    assert row.run_at > clock.now()
    with site.reading() as work:
        count = work.session.execute(sa.text("SELECT count(*) FROM audit_entry")).scalar_one()
    assert count == 0


def test_after_the_last_attempt_it_failed_and_somebody_is_told(site: Site, diary: Diary) -> None:
    told: list[str] = []
    site.jobs["note"] = JobKind(
        "note",
        diary.note,
        max_attempts=2,
        failed=lambda _work, why, text: told.append(f"{text}: {why}"),
    )
    diary.raising = [OSError("first"), OSError("second")]
    write(site, text="a")
    drain(site)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        drain(site)
    assert only(site).state == "failed"
    assert told == ["a: OSError: second"]


def test_a_failed_job_can_be_queued_again_by_hand(site: Site, diary: Diary) -> None:
    site.jobs["note"] = JobKind("note", diary.note, max_attempts=1)
    diary.raising = [OSError("away")]
    write(site, text="a")
    drain(site)
    with site.writing() as work:
        jobs.retry(work, only(site).id)
    drain(site)
    assert only(site).state == "done"
    with pytest.raises(NotFound), site.writing() as work:
        jobs.retry(work, only(site).id)


@pytest.mark.parametrize(("attempt", "longest"), [(1, 10), (2, 20), (5, 160), (30, 3600)])
def test_the_pause_doubles_is_bounded_and_partly_by_chance(attempt: int, longest: int) -> None:
    pauses = {jobs.pause_after(attempt) for _ in range(200)}
    assert max(pauses) <= longest
    assert min(pauses) >= longest * 3 // 4
    assert len(pauses) > 1


def test_a_postponed_job_counts_no_attempt(site: Site, diary: Diary) -> None:
    later = clock.now() + timedelta(minutes=5)
    diary.raising = [Postponed(later, "not yet")]
    write(site, text="a")
    drain(site)
    row = only(site)
    assert (row.state, row.attempts, row.run_at) == ("queued", 0, later)


def test_a_job_for_later_waits_for_its_time(site: Site, diary: Diary) -> None:
    write(site, text="a", run_at=clock.now() + timedelta(hours=1))
    assert drain(site) == 0
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert drain(site) == 1


def test_the_same_key_twice_is_one_job(site: Site, diary: Diary) -> None:
    write(site, text="a", key="k")
    write(site, text="a", key="k")
    assert drain(site) == 1


def test_what_is_asked_for_while_it_is_done_is_done_once_more_afterwards(
    site: Site, diary: Diary
) -> None:
    seen: list[int] = []

    def news(site: Site) -> None:
        diary.lines.append("begun")
        if len(diary.lines) == 1:
            for _ in range(2):
                write(site, "news", key="k")
            seen.append(drain(site))

    done = lambda work, _: diary.lines.append("done")  # noqa: E731
    site.add_jobs([JobKind("news", done, outside=news)])
    write(site, "news", key="k")
    assert drain(site) == 2
    assert seen == [0], "nobody begins what is being done"
    assert diary.lines == ["begun", "done", "begun", "done"]


def test_one_that_comes_back_while_its_like_waits_is_done_as_well(site: Site, diary: Diary) -> None:
    def fails(site: Site) -> None:
        if not diary.lines:
            write(site, "news", key="k")
        diary.note(site, "tried")

    diary.raising = [RuntimeError("no")]
    site.add_jobs([JobKind("news", lambda work, _: None, outside=fails)])
    write(site, "news", key="k")
    assert drain(site) == 2
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert drain(site) == 1
    assert diary.lines == ["tried"] * 3
    with site.reading() as work:
        rows = work.session.execute(sa.select(Job.key, Job.state).order_by(Job.id)).all()
    assert [tuple(row) for row in rows] == [(None, "done"), ("k", "done")]


def test_a_lease_that_ran_out_is_somebody_elses_and_the_first_one_is_undone(
    site: Site, diary: Diary
) -> None:
    def slow(work: Work) -> None:
        diary.lines.append("slow")
        # As if the lease had ended and another worker had finished meanwhile.
        work.session.execute(sa.update(Job).values(lease="somebody else's"))
        work.audit("test.slow", "test:1")

    site.add_jobs([JobKind("slow", slow)])
    write(site, "slow")
    drain(site)
    assert diary.lines == ["slow"]
    assert only(site).state == "running", "undone with everything else"


def test_leases_are_returned_when_a_worker_ends(site: Site, diary: Diary) -> None:
    write(site, text="a")
    assert jobs._claim(site) is not None
    assert drain(site) == 0, "somebody has it"
    assert give_back(site) == 1
    assert only(site).attempts == 0
    assert drain(site) == 1


def test_what_speaks_to_the_world_has_no_transaction_open(site: Site, diary: Diary) -> None:
    def outside(other: Site, text: str) -> str:
        # On SQLite this would wait for ever if the job held the lock.
        with other.writing() as work:
            work.audit("test.outside", "test:1")
        return text.upper()

    def run(_work: Work, answer: str, text: str) -> None:
        diary.lines.append(f"{text} {answer}")

    site.add_jobs([JobKind("speak", run, outside=outside)])
    write(site, "speak", text="a")
    drain(site)
    assert diary.lines == ["a A"]


def test_a_job_nobody_knows_waits_for_who_does(site: Site, diary: Diary) -> None:
    write(site, "of_a_plugin_that_is_off")
    assert drain(site) == 0
    assert only(site).state == "queued"


def test_a_schedule_has_one_row_at_a_time_whoever_plans_it(site: Site, diary: Diary) -> None:
    site.add_jobs([JobKind("daily", diary.note, every_minutes=60)])
    plan(site)
    plan(site)
    assert drain(site) == 1
    plan(site)
    with site.reading() as work:
        waiting = work.session.scalars(sa.select(Job).where(Job.state == "queued")).one()
    assert timedelta(minutes=59) < waiting.run_at - clock.now() <= timedelta(minutes=60)


def test_a_clock_that_jumps_a_year_starts_a_schedule_once(site: Site, diary: Diary) -> None:
    site.add_jobs([JobKind("daily", diary.note, every_minutes=60)])
    plan(site)
    drain(site)
    with clock.frozen(clock.now() + timedelta(days=400)):
        plan(site)
        assert drain(site) == 1
        plan(site)
        assert drain(site) == 0


WORKER = """
import sys, time
from pathlib import Path
from tierslieu import config
from tierslieu.installation import open_site
from tierslieu.kernel.jobs import drain
from tierslieu.kernel.outbox import JobKind
import sqlalchemy as sa
site = open_site(config.load({}, Path(sys.argv[1]), database_url=sys.argv[2], secret_key="x" * 40))
site.jobs.clear()
def act(work, number):
    work.audit("test.done", f"test:{number}")
site.add_jobs([JobKind("act", act, max_attempts=50, lease_seconds=1)])
print("ready", flush=True)
while True:
    if drain(site) == 0:
        time.sleep(0.05)
"""


@pytest.mark.slow
def test_workers_killed_in_the_middle_lose_no_job_and_do_none_twice(site: Site) -> None:
    url = site.db.url.render_as_string(hide_password=False)
    total = 300
    with site.writing() as work:
        for number in range(total):
            work.later("act", number=number)
    kills, workers = 4, []
    try:
        for _ in range(kills):
            worker = subprocess.Popen(
                [sys.executable, "-c", WORKER, str(site.config.instance), url],
                stdout=subprocess.PIPE,
                text=True,
            )
            workers.append(worker)
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            time.sleep(0.3)
            worker.kill()
        site.jobs.clear()

        def act(work: Work, number: int) -> None:
            work.audit("test.done", f"test:{number}")

        site.add_jobs([JobKind("act", act, max_attempts=50)])
        over = time.monotonic() + 60
        while time.monotonic() < over:
            drain(site, limit=1000)
            with site.reading() as work:
                if set(jobs.counts(work.session)) == {"done"}:
                    break
            time.sleep(0.2)
        with site.reading() as work:
            done = work.session.execute(
                sa.text("SELECT subject, count(*) FROM audit_entry GROUP BY subject")
            ).all()
        assert len(done) == total
        assert {count for _, count in done} == {1}
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
