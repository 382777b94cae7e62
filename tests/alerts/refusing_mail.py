import smtplib

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """A mail server that takes nothing, and says to whom."""

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({"secret@example.org": (550, b"no")})
