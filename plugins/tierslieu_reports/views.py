"""Pages: the list, a new one, the report, words beside it, its rows, its files, in public."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

import tierslieu.toolkit as tl
from tierslieu_reports import queries, services
from tierslieu_reports.exports import TYPES
from tierslieu_reports.files import file_of
from tierslieu_reports.forms import NewForm, ScheduleForm, named
from tierslieu_reports.models import Report
from tierslieu_reports.rules import for_everybody, last_whole
from tierslieu_reports.showing import reader_of, shown

bp = Blueprint("reports", __name__, template_folder="templates")
msg = tl.sentences("tierslieu_reports")


@bp.get("/reports")
@tl.allow("reports.read")
def all_reports() -> str:
    """The reports there are, and those that are made by themselves."""
    return _list_page(ScheduleForm(formdata=None))


@bp.get("/reports/new")
@tl.allow("reports.read")
def new() -> str:
    """Of what, and which days: last year, unless something else is said."""
    form = NewForm(formdata=None)
    form.scope.data = request.args.get("of", "")
    form.first.data, form.last.data = last_whole("year", tl.clock.now().date())
    return _new_page(form)


@bp.post("/reports/new")
@tl.allow("reports.read")
@tl.limit("60/hour")
def new_submit() -> Any:
    """Have it made."""
    form = NewForm()
    try:
        with tl.writing() as work:
            scopes = queries.scopes(work)
            form.scope.choices = named(scopes, tl.current_locale())
            if not form.validate():
                return _new_page(form), 422
            scope = next(each for each in scopes if each.key == form.scope.data)
            report = services.ask(work, scope, _day(form.first.data), _day(form.last.data))
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return _new_page(form), refusal.status
    return redirect(url_for("reports.one", public_id=report.public_id), 303)


@bp.get("/reports/<public_id>")
@tl.allow("reports.read")
def one(public_id: str) -> str:
    """A report, or how far it is."""
    with tl.reading() as work:
        report = services.found(work, public_id)
        if report.state != "made":
            return tl.page("reports/making.html", report=report)
        return tl.page("reports/report.html", **shown(work, report, report.content))


@bp.get("/reports/<public_id>/words")
@tl.allow("reports.read")
def words(public_id: str) -> str:
    """Where one writes beside the figures."""
    with tl.reading() as work:
        report = services.found(work, public_id)
        return tl.page("reports/words.html", **shown(work, report, report.content), wrong="")


@bp.post("/reports/<public_id>/words")
@tl.allow("reports.read")
def words_submit(public_id: str) -> Any:
    """Keep what was written."""
    written = {name[5:]: text for name, text in request.form.items() if name[:5] == "text-"}
    version = request.form.get("version", "")
    try:
        with tl.writing() as work:
            report = services.found(work, public_id)
            services.write(work, report, written, int(version) if version.isdigit() else -1)
    except tl.Refusal as refusal:
        return _words_again(public_id, written, refusal), refusal.status
    tl.flash_message(msg("Written."))
    return redirect(url_for("reports.one", public_id=public_id), 303)


@bp.get("/reports/<public_id>/rows")
@tl.allow("exports.run")
def rows(public_id: str) -> str:
    """What a figure was counted from, as it is today."""
    owner, _, name = request.args.get("of", "").partition(":")
    with tl.reading() as work:
        report = services.found(work, public_id, "exports.run")
        found = queries.rows_of(work, report, owner, name)
        most = queries.MOST_ROWS
        return tl.page("reports/rows.html", report=report, tables_of_rows=found, most=most)


@bp.get("/reports/<public_id>/report.<form>")
@tl.allow("exports.run")
@tl.limit("120/hour")
def file(public_id: str, form: str) -> Response:
    """The report as a file: PDF, CSV, a workbook, JSON."""
    if form not in TYPES:
        raise tl.NotFound
    with tl.reading() as work:
        report = services.found(work, public_id, "exports.run")
        return file_of(work, report, report.content, form)


@bp.post("/reports/<public_id>/public")
@tl.allow("reports.read")
def publish(public_id: str) -> Any:
    """Let everybody read it, or nobody again."""
    public = request.form.get("public") == "yes"
    try:
        with tl.writing() as work:
            services.publish(work, services.found(work, public_id), public=public)
    except tl.Refusal as refusal:
        tl.flash_message(refusal.reasons[0].message, "error")
    return redirect(url_for("reports.one", public_id=public_id), 303)


@bp.post("/reports/<public_id>/remove")
@tl.allow("reports.read")
def remove(public_id: str) -> Any:
    """Forget it."""
    with tl.writing() as work:
        services.remove(work, services.found(work, public_id))
    tl.flash_message(msg("The report is gone."))
    return redirect(url_for("reports.all_reports"), 303)


@bp.post("/reports/schedules")
@tl.allow("reports.read")
def schedule() -> Any:
    """Have it made after each period."""
    form = ScheduleForm()
    try:
        with tl.writing() as work:
            scopes = queries.scopes(work)
            form.scope.choices = named(scopes, tl.current_locale())
            if not form.validate():
                return _list_page(form), 422
            scope = next(each for each in scopes if each.key == form.scope.data)
            services.schedule(work, scope, form.every.data or "")
    except tl.Refusal as refusal:
        form.refuse(refusal)
        return _list_page(form), refusal.status
    tl.flash_message(msg("It is made when its days are over, and you are told by mail."))
    return redirect(url_for("reports.all_reports"), 303)


@bp.post("/reports/schedules/<public_id>/stop")
@tl.allow("reports.read")
def schedule_stop(public_id: str) -> Any:
    """Stop one of one's own."""
    with tl.writing() as work:
        services.stop(work, public_id)
    tl.flash_message(msg("No more reports by themselves."))
    return redirect(url_for("reports.all_reports"), 303)


@bp.get("/reports/public/<public_id>")
@tl.allow(tl.PUBLIC)
def public(public_id: str) -> str:
    """What everybody may read of a published report."""
    with tl.reading() as work:
        report = _published(work, public_id)
        content = for_everybody(report.content)
        return tl.page("reports/public.html", **shown(work, report, content))


@bp.get("/reports/public/<public_id>/report.<form>")
@tl.allow(tl.PUBLIC)
@tl.limit("60/hour")
def public_file(public_id: str, form: str) -> Response:
    """The same as a file."""
    if form not in TYPES:
        raise tl.NotFound
    with tl.reading() as work:
        report = _published(work, public_id)
        return file_of(work, report, for_everybody(report.content), form)


def _published(work: tl.Work, public_id: str) -> Report:
    report = queries.report_by_id(work.session, public_id)
    if report is None or not report.published:
        raise tl.NotFound
    return report


def _day(value: date | None) -> date:
    assert value is not None  # noqa: S101 - the form was valid
    return value


def _new_page(form: NewForm) -> str:
    with tl.reading() as work:
        form.scope.choices = named(queries.scopes(work), tl.current_locale())
        return tl.page("reports/new.html", form=form)


def _list_page(form: ScheduleForm) -> str:
    with tl.reading() as work:
        form.scope.choices = named(queries.scopes(work), tl.current_locale())
        return tl.page(
            "reports/reports.html",
            form=form,
            reports=queries.reports_for(work),
            schedules=queries.schedules_for(work),
            reader=reader_of(work),
        )


def _words_again(public_id: str, written: dict[str, str], refusal: tl.Refusal) -> str:
    with tl.reading() as work:
        report = services.found(work, public_id)
        values = shown(work, report, report.content) | {"words": written}
        return tl.page("reports/words.html", **values, wrong=refusal.reasons[0].message)
