"""Restoring from the log's pages: what is asked for, the preview, and the page that confirms it."""
