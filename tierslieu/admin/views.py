"""The pages of administrators, collected for the application."""

from __future__ import annotations

from tierslieu.admin.operations.views import bp as operations

blueprints = [operations]
