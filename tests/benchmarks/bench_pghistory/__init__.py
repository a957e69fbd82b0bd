"""django-pghistory, at row level or at statement level as PGHISTORY_LEVEL says."""
