"""Invented names, some long, some in other scripts: a board has to hold them all. And invented birthdays."""

from datetime import date, timedelta

DAYS_A_YEAR = 365.25

NAMES = (
    ("Adaeze", "Nwosu"),
    ("Liam", "O’Callaghan"),
    ("Priya", "Raghunathan"),
    ("Wolfgang", "Oberhuber"),
    ("Chukwuemeka", "Oluwaseun-Babatunde"),
    ("Ines", "Castro"),
    ("Bo", "Li"),
    ("Fatima", "al-Zahra"),
    ("Dmitri", "Sokolov"),
    ("Siobhán", "Ní Dhomhnaill"),
    ("Hiroshi", "Tanaka"),
    ("María del Carmen", "Fernández de la Vega y Montoya"),
    ("Anders", "Bjørnstad"),
    ("Leïla", "Benali"),
    ("George", "Papadopoulos"),
    ("Thandiwe", "Dlamini"),
    ("יעל", "כהן"),
    ("Ngozi", "Eze"),
    ("Rhys", "Llewellyn"),
    ("Zofia", "Kowalczyk"),
    ("Emre", "Yıldız"),
    ("Charlotte", "Featherstonehaugh"),
)


def birthday(age_years: float, *, on: date, number: int) -> date:
    """Of somebody who is exactly that old on that day: the rules for children end on a birthday. Under two years
    the age counts in days; `number` spreads the others over the year."""
    if age_years < 2:
        return on - timedelta(days=round(age_years * DAYS_A_YEAR))
    month, day = number % 12 + 1, number % 28 + 1
    has_come = (month, day) <= (on.month, on.day)
    return date(on.year - int(age_years) - (0 if has_come else 1), month, day)
