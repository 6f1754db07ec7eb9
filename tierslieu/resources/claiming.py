"""How a plugin makes a claim: it is known whose it is, also when the plugin is off or gone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from tierslieu.kernel.calling import caller
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources import services
from tierslieu.resources.models import Claim
from tierslieu.resources.rules import Taking


def new_claim(
    work: Work,
    *,
    venue_id: int,
    kind: str,
    span: Span,
    resource_id: int | None = None,
    label: str = "",
    visibility: str = "private",
    expires_at: datetime | None = None,
) -> Claim:
    """Make a claim of the calling plugin that holds nothing yet; ``span`` is what people see.

    While the plugin is off its claims hold on, and a manager may give back what they hold.
    """
    return services.new_claim(
        work,
        venue_id=venue_id,
        kind=kind,
        span=span,
        resource_id=resource_id,
        owner=caller(work) or "core",
        label=label,
        visibility=visibility,
        expires_at=expires_at,
    )


def move_claim(work: Work, claim: Claim, span: Span, resource_ids: Collection[int]) -> None:
    """Give a claim another time, another thing, or both; ``span`` is seen and occupied alike.

    Raises what `take` raises; then the claim holds what it held, and work goes on.
    """
    services.take(work, [Taking(claim.id, tuple(resource_ids), span)])
    claim.starts_at, claim.ends_at = span.starts_at, span.ends_at
    work.session.flush()
