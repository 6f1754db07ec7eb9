"""A new plugin, written as a core slice is cut: ``tierslieu plugin new``.

1. What is written keeps the contract: its tests pass at once, ``check_plugin`` among them.
2. Nothing that is there already is written over.
3. A part that was not wanted leaves no file, no sentence and no test.
"""
