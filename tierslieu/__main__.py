"""``python -m tierslieu`` is the ``tierslieu`` command."""

from tierslieu.cli import main

main()
