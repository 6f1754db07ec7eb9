"""Finds, checks, orders, registers and switches plugins.

Plugin: a package with an entry point in the group ``tierslieu.plugins`` whose module holds
``plugin = Plugin(…)`` and implementations of hooks. On: its row says so and its tables are as its
code needs them. Broken: it cannot be used, and the reason is shown; the site stays up.

1. Whether a plugin is on is asked at each call of a hook, each request and each job.
2. A plugin's fault never takes more from others than that plugin's own contribution.
3. What is off answers 404, as if it were not there.
"""

from __future__ import annotations

from tierslieu.plugins.finding import GROUP, Installed
from tierslieu.plugins.platform import Plugins

__all__ = ["GROUP", "Installed", "Plugins"]
