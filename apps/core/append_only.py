"""Tables whose rows are never changed: refused by the database itself, whoever asks."""

from django.db.migrations.operations import RunSQL


def append_only(table: str, *, update: str = "true", delete: str = "true") -> RunSQL:
    """A migration step that refuses UPDATE and DELETE on `table` where the SQL conditions hold (they may speak
    of OLD). The function `refuse_change()` comes with the first migration of core."""
    return RunSQL(
        f"""
        create trigger {table}_is_never_updated before update on {table}
            for each row when ({update}) execute function refuse_change();
        create trigger {table}_is_never_deleted before delete on {table}
            for each row when ({delete}) execute function refuse_change();
        """,
        f"""
        drop trigger {table}_is_never_updated on {table};
        drop trigger {table}_is_never_deleted on {table};
        """,
    )
