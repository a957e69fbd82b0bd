"""This project. The models are recorded by the setting AUDIT_MODELS and carry no trace of it."""
