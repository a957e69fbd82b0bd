"""The same ten restores with four logs; `python -m tests.benchmarks.restore_peers` runs them."""
