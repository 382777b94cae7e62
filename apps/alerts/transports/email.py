import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.alerts.models import Delivery
from apps.alerts.transports.errors import CannotSend


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
    """Where to sign in; the address names the alert by an id that means nothing outside."""
    base = getattr(settings, "PUBLIC_URL", "") or ""
    return f"{base.rstrip('/')}/alerts/{delivery.alert_id}/" if base else _("Sign in to see it.")
