"""The services that `make run` and the tests bring with them: a real PostgreSQL and a real Valkey from PyPI.

Nothing here knows Django: manage.py uses it before the settings are read."""
