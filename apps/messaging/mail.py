import smtplib

from django.core.mail import EmailMessage

from apps.messaging.errors import CannotSend


def send_mail(*, address: str, subject: str, body: str, reference: object) -> None:
    """`reference` is the same for every try of one message, so that a mail system can drop the second.

    Errors: CannotSend."""
    if not address:
        raise CannotSend("no address")
    message = EmailMessage(
        subject=subject,
        body=body,
        to=[address],
        headers={"Message-ID": f"<{reference}@taperwatch>", "Auto-Submitted": "auto-generated"},
    )
    try:
        sent = message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise CannotSend(type(error).__name__) from error
    if not sent:
        raise CannotSend("not accepted")
