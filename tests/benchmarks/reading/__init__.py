"""How fast the log is read: millions of made-up entries, and the database time of every page."""
