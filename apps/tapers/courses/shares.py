"""One day's dose shared out over its times, each share made from products."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from apps.tapers.courses.products import Dispensary, Made


@dataclass(frozen=True, slots=True)
class Day:
    """What is taken on each day of a step. Times without a dose are left out."""

    times: tuple[time, ...]
    doses: tuple[Made, ...]
    """Of each time."""

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        return tuple(dose.amount for dose in self.doses)

    @property
    def total(self) -> Decimal:
        return sum(self.amounts, Decimal(0))


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a day's dose is divided: by these weights, one for each time, and at each time no more than its cap."""

    dispensary: Dispensary
    weights: Sequence[int]
    caps: Sequence[Decimal]

    def part(self, asked: Decimal, place: int) -> Decimal:
        return asked * self.weights[place] / sum(self.weights)

    def raised(self, shares: Sequence[Decimal], place: int) -> Decimal | None:
        """The next amount for this time that can be made and is within its cap."""
        if not self.weights[place]:
            return None
        above = self.dispensary.above(shares[place])
        return above if above is not None and above <= self.caps[place] else None


def share_out(asked: Decimal, largest: Decimal, sharing: Sharing) -> list[Decimal]:
    """The amounts of a day, one for each time, whose sum comes nearest to what was asked and is not above
    `largest`; of two as near, the higher. As even as weights and products allow; what is left over goes to the
    later doses."""
    below = _from_below(asked, sharing)
    above = _one_more(below, sharing)
    nearest = below
    if sum(below) != asked and above is not None and sum(above) <= largest:
        is_nearer = abs(sum(above) - asked) <= abs(asked - sum(below))
        # A dose that was asked for is not rounded away: nobody ordered that stop.
        nearest = above if is_nearer or (asked and not sum(below)) else below
    return nearest


def made_of(times: Sequence[time], amounts: Sequence[Decimal], dispensary: Dispensary) -> Day:
    """Errors: ValueError where the products do not make one of the amounts."""
    taken = [(clock, amount) for clock, amount in zip(times, amounts, strict=True) if amount]
    return Day(
        tuple(clock for clock, _ in taken),
        tuple(dispensary.make(amount) for _, amount in taken),
    )


def _from_below(asked: Decimal, sharing: Sharing) -> list[Decimal]:
    shares = [
        sharing.dispensary.below(min(sharing.part(asked, place), cap)) for place, cap in enumerate(sharing.caps)
    ]
    while (place := _furthest_below(shares, asked, sharing)) is not None:
        above = sharing.raised(shares, place)
        if above is not None:
            shares[place] = above
    return shares


def _furthest_below(shares: Sequence[Decimal], asked: Decimal, sharing: Sharing) -> int | None:
    """The time whose share is furthest below its part and can be raised within what was asked; of two the
    later."""
    found = []
    for place, share in enumerate(shares):
        above = sharing.raised(shares, place)
        if above is not None and sum(shares) - share + above <= asked:
            found.append((sharing.part(asked, place) - share, place))
    return max(found)[1] if found else None


def _one_more(shares: Sequence[Decimal], sharing: Sharing) -> list[Decimal] | None:
    """One share raised by the least that can be made; the later of two."""
    raises = []
    for place, share in enumerate(shares):
        above = sharing.raised(shares, place)
        if above is not None:
            raises.append((above - share, -place, above))
    if not raises:
        return None
    _, before, above = min(raises)
    return [*shares[:-before], above, *shares[-before + 1 :]]
