"""The only door for plugins: ``import tierslieu.toolkit as tl``. Its ``__all__`` is the public API.

What stands here changes only with a deprecation. A plugin imports this, Flask, SQLAlchemy and its
own dependencies, nothing else of ``tierslieu`` (its tests also ``tierslieu.testing``).

* Say who you are: ``Plugin``, ``HOOK_API``, ``sentences``; answer hooks with ``hookimpl`` and the
  values (add hooks of your own with ``hookspec``, called by ``work.hooks``, and take them back with
  ``deprecated``) ``NavItem``, ``Panel``, ``SearchResult``, ``Objection``, ``OtherWay``,
  ``PersonDataPart``, ``CalendarEntry``, ``HealthCheck``, and in reports ``ReportSection`` with
  ``Figure`` and ``ReportTable``.
* Say who may: ``Permission`` in the manifest, ``work.require``, ``allow``.
* Let people decide: ``Setting`` in the manifest, ``setting`` to read it; ``places`` and ``is_on``
  say at which venues you are on; ``venues_of_cards`` where somebody is a member.
* Keep things: ``Model``, ``UtcDateTime``, ``TextsType``, ``Json``; the core's rows to point to:
  ``Person``, ``Organisation``, ``Venue``, ``Room``, ``Booking``, ``Claim``…
* Do things: ``Work`` (handed to you), ``JobKind``; ``tell`` a person by mail or at the
  desk; take rooms and things by ``new_claim``, ``take``, ``hold``, ``release``; ask ``free``,
  ``busy_spans``, ``claims_between``;
  ``move_claim`` gives a claim another time, ``retire`` takes a thing out of use, ``restore`` back.
  Book by ``book`` and ``book_series``, take back by ``cancel``,
  as the pages do; ``change_booking`` changes what a ``BookingEdit`` names; ``preview_series`` says
  what would come of it.
* Refuse: ``Reason`` and ``Choice`` in ``Refused``, ``Conflict``, ``Invalid``; ``NotFound``.
* Tell: ``tell`` is the short way; ``post`` writes a mail (``addressee``: to whom) with more to it;
  a job does something as whoever pressed the button by
  ``replace(work, actor=tl.acting(…))``.
* Keep a picture that somebody sends by ``keep_picture``; it is encoded anew.
* Open something for somebody without an account: ``signed_link`` makes a token for an address,
  ``link_opens`` proves it; ``email_address`` reads what is written as one.
* Show: ``page``, ``reading`` and ``writing``, ``Form`` (``texts_fields`` for several languages);
  ``encode_picture`` reads a picture that somebody sends, ``prose`` shows what they wrote; a page
  of a venue's desk asks ``desk_of`` for the venue and gives ``**desk(venue)`` to its template.
* Answer programmes: ``api_blueprint``, whose addresses begin with ``/api/v1``; each view says with
  ``operation`` what it takes (``Body``, ``Query``) and answers (``Answer``), reads it by
  ``read_body`` and ``read_query``, and gives back ``answer``; ``posting`` does a POST once.
"""

from __future__ import annotations

from dataclasses import dataclass

from tierslieu.bookings.changes.services import Edit as BookingEdit
from tierslieu.bookings.changes.services import change as change_booking
from tierslieu.bookings.dated.queries import dated_by, dated_entries
from tierslieu.bookings.desk.gate import desk_of
from tierslieu.bookings.models import Booking, Series
from tierslieu.bookings.policies.forms import amount_of, cents_of
from tierslieu.bookings.purposes.queries import purposes_of
from tierslieu.bookings.schemas import Moment, moment
from tierslieu.bookings.series.queries import series_also, series_dates, series_rule
from tierslieu.bookings.series.services import NewSeries, book_series
from tierslieu.bookings.series.services import Preview as SeriesPreview
from tierslieu.bookings.series.services import preview as preview_series
from tierslieu.bookings.services import NewBooking, book, cancel
from tierslieu.contributions import (
    BookingChange,
    CalendarEntry,
    CalendarQuestion,
    Candidate,
    Figure,
    HealthCheck,
    MailCalendar,
    NavItem,
    Objection,
    OtherWay,
    Panel,
    PersonDataPart,
    PriceExtra,
    ReportAsked,
    ReportColumn,
    ReportLine,
    ReportRows,
    ReportSection,
    ReportTable,
    SearchResult,
)
from tierslieu.hookspecs import HOOK_API
from tierslieu.kernel import clock
from tierslieu.kernel.actor import SYSTEM, Actor, Grant
from tierslieu.kernel.calling import is_on, places, setting
from tierslieu.kernel.db import Json, TextsType, UtcDateTime
from tierslieu.kernel.db import PluginModel as Model
from tierslieu.kernel.errors import (
    Choice,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Reason,
    Refusal,
    Refused,
    refuse,
)
from tierslieu.kernel.hooks import deprecated, hookimpl, hookspec
from tierslieu.kernel.languages import say, translate
from tierslieu.kernel.links import link_opens, signed_link
from tierslieu.kernel.mail import post
from tierslieu.kernel.messages import Message
from tierslieu.kernel.money import Money
from tierslieu.kernel.outbox import JobKind
from tierslieu.kernel.places import Places
from tierslieu.kernel.recurrence import expand as expand_rule
from tierslieu.kernel.recurrence import parse as parse_rule
from tierslieu.kernel.site import Site
from tierslieu.kernel.span import Span, at_wall, iso, local_date
from tierslieu.kernel.texts import Texts, clean, folded, has_words
from tierslieu.kernel.tokens import hash_token, new_public_id, new_token
from tierslieu.kernel.work import Work
from tierslieu.manifest import Plugin
from tierslieu.memberships.queries import acting, venues_of_cards
from tierslieu.people.models import Account, Organisation, OrganisationPerson, Person, RoleGrant
from tierslieu.people.queries import addressee
from tierslieu.people.rules import account_email as email_address
from tierslieu.people.telling import tell
from tierslieu.permission import Permission
from tierslieu.reporting import report_owners, report_rows, report_sections
from tierslieu.resources.claiming import move_claim, new_claim
from tierslieu.resources.models import Claim, Resource
from tierslieu.resources.queries import busy_spans, claims_between, free
from tierslieu.resources.rules import Taking
from tierslieu.resources.services import add_resource, hold, release, restore, retire, take
from tierslieu.setting import Setting
from tierslieu.venues.models import Network, Room, Venue, VenueKind
from tierslieu.venues.photos.pictures import KeptPicture
from tierslieu.venues.photos.pictures import encode as encode_picture
from tierslieu.venues.photos.services import forget_picture, keep_picture
from tierslieu.venues.prose import html_of as prose
from tierslieu.venues.queries import network
from tierslieu.web.api import (
    Answer,
    Body,
    Query,
    answer,
    check_if_match,
    operation,
    posting,
    read_body,
    read_query,
)
from tierslieu.web.api import blueprint as api_blueprint
from tierslieu.web.forms import (
    CleanLines,
    CleanText,
    Form,
    Lazy,
    OptionalInteger,
    fill_texts,
    required,
    texts_fields,
    texts_of,
    texts_rows,
)
from tierslieu.web.limits import limit
from tierslieu.web.pages import back_to, desk, flash_message, page
from tierslieu.web.requests import (
    PUBLIC,
    SIGNED_IN,
    allow,
    current_actor,
    current_locale,
    current_site,
    reading,
    writing,
)
from tierslieu.web.security import without_cookie


@dataclass(frozen=True)
class Sentences:
    """Marks English sentences of one package: ``say = tl.sentences("my_plugin")``."""

    domain: str

    def __call__(self, msgid: str, /, **params: object) -> Message:
        return Message(self.domain, msgid, params)

    def many(self, singular: str, plural: str, n: int, /, **params: object) -> Message:
        """A sentence that depends on a number; ``%(n)s`` is the number."""
        return Message(self.domain, singular, {"n": n, **params}, plural, n)


def sentences(package: str) -> Sentences:
    """The marker of a package's own sentences, which are looked up in its own catalogues."""
    return Sentences(package)


__all__ = [
    "HOOK_API",
    "PUBLIC",
    "SIGNED_IN",
    "SYSTEM",
    "Account",
    "Actor",
    "Answer",
    "Body",
    "Booking",
    "BookingChange",
    "BookingEdit",
    "CalendarEntry",
    "CalendarQuestion",
    "Candidate",
    "Choice",
    "Claim",
    "CleanLines",
    "CleanText",
    "Conflict",
    "Figure",
    "Forbidden",
    "Form",
    "Grant",
    "HealthCheck",
    "Invalid",
    "JobKind",
    "Json",
    "KeptPicture",
    "Lazy",
    "MailCalendar",
    "Message",
    "Model",
    "Moment",
    "Money",
    "NavItem",
    "Network",
    "NewBooking",
    "NewSeries",
    "NotFound",
    "Objection",
    "OptionalInteger",
    "Organisation",
    "OrganisationPerson",
    "OtherWay",
    "Panel",
    "Permission",
    "Person",
    "PersonDataPart",
    "Places",
    "Plugin",
    "PriceExtra",
    "Query",
    "Reason",
    "Refusal",
    "Refused",
    "ReportAsked",
    "ReportColumn",
    "ReportLine",
    "ReportRows",
    "ReportSection",
    "ReportTable",
    "Resource",
    "RoleGrant",
    "Room",
    "SearchResult",
    "Sentences",
    "Series",
    "SeriesPreview",
    "Setting",
    "Site",
    "Span",
    "Taking",
    "Texts",
    "TextsType",
    "UtcDateTime",
    "Venue",
    "VenueKind",
    "Work",
    "acting",
    "add_resource",
    "addressee",
    "allow",
    "amount_of",
    "answer",
    "api_blueprint",
    "at_wall",
    "back_to",
    "book",
    "book_series",
    "busy_spans",
    "cancel",
    "cents_of",
    "change_booking",
    "check_if_match",
    "claims_between",
    "clean",
    "clock",
    "current_actor",
    "current_locale",
    "current_site",
    "dated_by",
    "dated_entries",
    "deprecated",
    "desk",
    "desk_of",
    "email_address",
    "encode_picture",
    "expand_rule",
    "fill_texts",
    "flash_message",
    "folded",
    "forget_picture",
    "free",
    "has_words",
    "hash_token",
    "hold",
    "hookimpl",
    "hookspec",
    "is_on",
    "iso",
    "keep_picture",
    "limit",
    "link_opens",
    "local_date",
    "moment",
    "move_claim",
    "network",
    "new_claim",
    "new_public_id",
    "new_token",
    "operation",
    "page",
    "parse_rule",
    "places",
    "post",
    "posting",
    "preview_series",
    "prose",
    "purposes_of",
    "read_body",
    "read_query",
    "reading",
    "refuse",
    "release",
    "report_owners",
    "report_rows",
    "report_sections",
    "required",
    "restore",
    "retire",
    "say",
    "sentences",
    "series_also",
    "series_dates",
    "series_rule",
    "setting",
    "signed_link",
    "take",
    "tell",
    "texts_fields",
    "texts_of",
    "texts_rows",
    "translate",
    "venues_of_cards",
    "without_cookie",
    "writing",
]
