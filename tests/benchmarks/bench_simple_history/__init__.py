"""django-simple-history: signals, a copy of the row a change."""
