"""Every time that a reminder depends on. How often a log is asked for, and when a silence concerns a nurse, is not
here: that is `apps.monitoring.silence`, and these have to come before it.

All of them are project choices: no source that we know gives figures for them (docs/adr/0018-reminders.md)."""

from datetime import time, timedelta

MORNING = time(9)
"""When somebody is asked for the log of the day, until they choose another hour."""
MORNINGS = tuple(time(hour) for hour in range(5, 13))
QUIET_FROM, QUIET_UNTIL = time(22), time(7)
"""No reminder of the daily log; in a watch window or with an alert open the night is when it matters."""
LONGEST_QUIET = timedelta(hours=12)

MORNING_MAY_WAIT = timedelta(hours=10)
"""After the log was due. A later morning (somebody logged just after midnight) is not waited for, so that the
reminder comes before the ward is told of the silence, 12 hours after."""
DAILY_GENTLE, DAILY_GENTLE_PAST_DUE = timedelta(hours=2), timedelta(hours=1)
"""The second reminder: so long after the first, and so long after the log was due, whichever is later."""
DAILY_CARER, DAILY_CARER_PAST_DUE = timedelta(hours=4), timedelta(hours=3)
DAILY_EXPIRES = timedelta(hours=12)

WATCHED_GENTLE, WATCHED_CARER = timedelta(minutes=30), timedelta(minutes=60)
"""In a watch window or with an alert open; the ward is told two hours after the log was due."""
WATCHED_EXPIRES = timedelta(hours=2)

ASKED_FOR = timedelta(days=3)
"""Then a silent person is asked no more: the ward has known since the first day, and somebody may have died."""
AT_LEAST_APART = timedelta(minutes=25)
"""Two reminders of one person, when what is asked for changes in between."""

LOOK_AT_LATEST = timedelta(minutes=15)
PUSH_PAUSES = (timedelta(seconds=30), timedelta(minutes=2))
"""Between tries of a phone; after the last, e-mail."""
MAIL_PAUSE = timedelta(minutes=5)
LEASE = timedelta(seconds=120)
"""Longer than all phones of one person can take to be tried; whoever died in between is followed by another."""
TEST_EXPIRES = timedelta(minutes=10)
TESTS_AN_HOUR = 5
KEPT_FOR = timedelta(days=90)
"""Messages and what became of them; they are no part of the record of a patient."""
