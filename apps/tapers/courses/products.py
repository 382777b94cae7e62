"""Doses made from what a pharmacy has: whole, half or quarter tablets, measured volumes.

Decimals are turned into whole numbers of the finest part, so nothing is lost and nothing is rounded unseen."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import gcd

MOST_AMOUNTS = 40_000
"""Amounts of one dose that are looked through; beyond, the parts are too fine for the dose."""
FINEST = Decimal("0.001")
"""What is kept of a dose: thousandths of a mg or microgram."""


@dataclass(frozen=True, slots=True)
class ProductValues:
    """As it is handed out. `strength`: mg in a tablet, capsule or mL; for a pump microgram in an mL."""

    id: str
    name: str
    route: str
    form: str
    strength: Decimal
    smallest_part: Decimal
    """Of a tablet (1, 0.5, 0.25), or of an mL (0.1)."""

    @property
    def is_measured(self) -> bool:
        return self.form in ("liquid", "solution")

    @property
    def finest_amount(self) -> Decimal:
        return self.strength * self.smallest_part


@dataclass(frozen=True, slots=True)
class Count:
    """So many tablets, or so many mL, of one product."""

    product: ProductValues
    quantity: Decimal

    @property
    def amount(self) -> Decimal:
        return self.product.strength * self.quantity


@dataclass(frozen=True, slots=True)
class Made:
    """One dose and what it is made of. The amount is always the sum of the counts."""

    amount: Decimal
    counts: tuple[Count, ...] = ()


class PartsTooFine(ValueError):
    """The dose is too large for parts as fine as these."""


class Dispensary:
    """Every amount, up to `largest`, that these products make, each with the fewest pieces: whole tablets before
    broken ones, tablets before liquid.

    Errors: ValueError without products, PartsTooFine."""

    def __init__(self, products: Sequence[ProductValues], largest: Decimal) -> None:
        if not products:
            raise ValueError("a dose is made of products")
        self.products = tuple(sorted(products, key=lambda one: (one.is_measured, -one.strength, one.id)))
        scaled = [_scaled(one.finest_amount) for one in self.products]
        self._grain = FINEST * gcd(*scaled)
        self._size = _scaled(largest) // gcd(*scaled)
        if self._size > MOST_AMOUNTS:
            raise PartsTooFine

    @property
    def largest(self) -> Decimal:
        return self._grain * self._size

    @cached_property
    def amounts(self) -> tuple[Decimal, ...]:
        """Every amount that can be made, from nothing up."""
        return tuple(self._grain * at for at, (cost, _) in enumerate(self._table) if cost is not None)

    def below(self, amount: Decimal) -> Decimal:
        """The largest amount that can be made and is not above this one."""
        return self.amounts[bisect_right(self.amounts, amount) - 1]

    def above(self, amount: Decimal) -> Decimal | None:
        """The smallest amount that can be made and is above this one."""
        place = bisect_right(self.amounts, amount)
        return self.amounts[place] if place < len(self.amounts) else None

    def can_make(self, amount: Decimal) -> bool:
        place = bisect_left(self.amounts, amount)
        return place < len(self.amounts) and self.amounts[place] == amount

    def make(self, amount: Decimal) -> Made:
        """Errors: ValueError where these products do not make that amount."""
        if not self.can_make(amount):
            raise ValueError("these products do not make this amount")
        quantities: dict[ProductValues, Decimal] = {}
        at = int(amount / self._grain)
        while at:
            piece = self._table[at][1]
            if piece is None:
                raise ValueError("these products do not make this amount")
            quantities[piece.product] = quantities.get(piece.product, Decimal(0)) + piece.quantity
            at -= piece.size
        counts = tuple(Count(one, quantities[one]) for one in self.products if one in quantities)
        return Made(amount, counts)

    @cached_property
    def _table(self) -> list[tuple[int | None, "_Piece | None"]]:
        """For each multiple of the grain: the least cost of making it, and the piece put in last."""
        table: list[tuple[int | None, _Piece | None]] = [(0, None)] + [(None, None)] * self._size
        pieces = self._pieces()
        for at in range(1, self._size + 1):
            best: tuple[int | None, _Piece | None] = (None, None)
            for piece in pieces:
                before = table[at - piece.size][0] if piece.size <= at else None
                if before is not None and (best[0] is None or before + piece.cost < best[0]):
                    best = (before + piece.cost, piece)
            table[at] = best
        return table

    def _pieces(self) -> list["_Piece"]:
        found = []
        for product in self.products:
            part = product.smallest_part
            if product.is_measured:
                found.append(self._piece(product, part, cost=_MEASURED))
            else:
                found.append(self._piece(product, Decimal(1), cost=_WHOLE))
                if part < 1:
                    found.append(self._piece(product, part, cost=_BROKEN))
        return found

    def _piece(self, product: ProductValues, quantity: Decimal, cost: int) -> "_Piece":
        size = int(product.strength * quantity / self._grain)
        return _Piece(product, quantity, size, cost)


# One whole tablet is better than two halves of another, and a broken one better than measuring a volume.
_WHOLE, _BROKEN, _MEASURED = 10, 12, 1000


@dataclass(frozen=True, slots=True)
class _Piece:
    product: ProductValues
    quantity: Decimal
    size: int
    cost: int


def _scaled(amount: Decimal) -> int:
    return int(amount / FINEST)
