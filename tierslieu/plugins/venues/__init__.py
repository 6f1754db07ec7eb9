"""The switchboard: which plugin is on at which venue.

A plugin that the network has switched on is on at every venue, or at none, until somebody says
otherwise there. Barred: the network said no at one venue, and its manager cannot switch it on.

1. Where a plugin is off nobody sees anything of it; what it keeps stays.
2. Nothing is on where something that it needs is off.
3. A manager switches only at her venue, and only what the network allows there.
"""
