"""Django and nothing else: what the others are compared with."""
