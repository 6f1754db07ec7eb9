"""The journal: the audit log as people read it, names joined when shown."""
