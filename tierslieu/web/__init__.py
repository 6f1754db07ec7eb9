"""HTTP: requests, who is asking, errors, forms, pages. It knows no feature.

Invariants
1. Every route declares its permission with ``allow``.
2. A page never leaves without the security headers; what is personal is never cached by others.
3. A redirect never leaves this site.
"""
