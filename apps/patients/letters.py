"""An invitation as it is handed over: the address, and the same as a picture for a phone's camera."""

import segno


def qr_code(address: str) -> str:
    """An SVG element that holds nothing but the picture. 15 % of it may be soiled (level M)."""
    return str(segno.make(address, error="m").svg_inline(scale=6, border=4, dark="#000", light="#fff"))
