"""What capture costs: `python -m tests.benchmarks`, in the environment that `tox -e bench` makes.

Each contestant is a Django project of its own: a process, a database, the same models and nothing installed but its own
log, so that no receiver or trigger of one is paid for by another. They take turns on one server, in random order.
"""
