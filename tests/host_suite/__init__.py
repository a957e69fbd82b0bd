"""The tests of a project that uses the plugin, as its team would write them; `tests/test_testing.py` runs them."""
