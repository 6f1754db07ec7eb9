"""People: persons, their accounts, organisations, and roles in a scope.

A *person* is not an account: e-mail is optional and may be shared among persons; an *account*
is one person's way in, unique by e-mail. A *grant* is a role in a scope, from and until a day.

1. Permissions are names; a role holds them in its scope, by one table.
2. Nobody grants a role to herself; the last network admin and a venue's last manager stay.
3. A suspended account may sign in to see and export its own data, nothing more.
4. Being a member is never granted: it follows from a running membership.
"""
