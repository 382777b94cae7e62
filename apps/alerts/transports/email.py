from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.alerts.models import Delivery
from apps.messaging.mail import send_mail
from apps.messaging.notices import link

ALERT_PAGE = "/ward/alerts/{}/"
"""Written out, since the pages stand above us and a worker need not load them; a test holds it to the page."""


def send_email(delivery: Delivery) -> None:
    """The same few words whatever the alert is. Errors: CannotSend."""
    with override(settings.LANGUAGE_CODE):
        subject = _("New item on the ward board")
        # Behind the sign-in; the id in it means nothing outside.
        where = link(ALERT_PAGE.format(delivery.alert_id)) or _("Sign in to see it.")
        body = "\n\n".join((_("There is a new item on the ward board."), where))
    send_mail(address=delivery.recipient.email, subject=subject, body=body, reference=delivery.pk)
