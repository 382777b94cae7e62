from decimal import Decimal

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def amount(value: Decimal) -> str:
    """A dose or a count without the zeros that its column adds, in the digits of the reader's language."""
    # Normalised, ten would be 1E+1.
    return number_format(int(value) if value == int(value) else value.normalize())
