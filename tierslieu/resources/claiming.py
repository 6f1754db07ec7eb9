"""How a plugin makes a claim: it is known whose it is, also when the plugin is off or gone."""

from __future__ import annotations

from datetime import datetime

from tierslieu.kernel.calling import caller
from tierslieu.kernel.span import Span
from tierslieu.kernel.work import Work
from tierslieu.resources import services
from tierslieu.resources.models import Claim


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
