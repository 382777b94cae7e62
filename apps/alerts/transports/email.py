import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.alerts.models import Delivery
from apps.alerts.transports.errors import CannotSend

ALERT_PAGE = "/ward/alerts/{}/"
"""Written out, since the pages stand above us and a worker need not load them; a test holds it to the page."""


def send_email(delivery: Delivery) -> None:
    """The same few words whatever the alert is. Errors: CannotSend."""
    address = delivery.recipient.email
    if not address:
        raise CannotSend("no address")
    with override(settings.LANGUAGE_CODE):
        message = EmailMessage(
            subject=_("New item on the ward board"),
            body="\n\n".join((_("There is a new item on the ward board."), _link(delivery))),
            to=[address],
            # The same for every try of one delivery, so that a mail system can drop the second.
            headers={"Message-ID": f"<{delivery.pk}@taperwatch>", "Auto-Submitted": "auto-generated"},
        )
    try:
        sent = message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise CannotSend(type(error).__name__) from error
    if not sent:
        raise CannotSend("not accepted")


def _link(delivery: Delivery) -> str:
    """Behind the sign-in; the id in it means nothing outside."""
    if not settings.PUBLIC_URL:
        return _("Sign in to see it.")
    return f"{settings.PUBLIC_URL.rstrip('/')}{ALERT_PAGE.format(delivery.alert_id)}"
