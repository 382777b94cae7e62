import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_the_database_is_a_postgresql_that_never_skips_fsync():
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version_num')::int / 10000, current_setting('fsync')")
        version, fsync = cursor.fetchone()

    assert version >= 15
    assert fsync == "on"
