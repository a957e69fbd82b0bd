"""Queries and mutations over HTTP."""
