"""The register of members: who belongs to a venue's association, and who still has to pay."""

from __future__ import annotations
