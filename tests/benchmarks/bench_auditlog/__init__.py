"""django-auditlog: signals, one row a change."""
