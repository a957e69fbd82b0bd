"""django-reversion: signals, copies serialised to JSON at the end of a revision."""
