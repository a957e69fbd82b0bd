"""The sample data: three people to sign in as, the cities of the world, a year at a photo studio."""
