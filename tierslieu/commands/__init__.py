"""The commands of the core, by subject; ``tierslieu/cli.py`` lists them.

Each imports what it needs when it is called, so that ``tierslieu --help`` stays quick.
"""
