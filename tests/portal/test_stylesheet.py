"""What can be held about the look without a browser: contrast, direction, and that nothing comes from outside."""

import re

import pytest

from apps.core.embedded.local import PROJECT_ROOT

STATIC = PROJECT_ROOT / "static"
OWN = (STATIC / "css" / "taperwatch.css").read_text(encoding="utf-8")
TOKENS = dict(re.findall(r"(--tw-[a-z-]+):\s*(#[0-9a-f]{6})", OWN))
TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [name for name in TOKENS if f"{name}-ink" in TOKENS]


def test_the_levels_all_have_their_colours():
    assert {"--tw-emergency", "--tw-urgent", "--tw-watch", "--tw-none", "--tw-unknown"} <= set(PAIRS)


@pytest.mark.parametrize("name", PAIRS)
def test_text_stands_out_from_what_it_stands_on(name):
    assert contrast(TOKENS[name], TOKENS[f"{name}-ink"]) >= TEXT_CONTRAST


@pytest.mark.parametrize("text", ["--tw-quiet-ink", "--tw-emergency", "--tw-brand"])
@pytest.mark.parametrize("ground", ["--tw-page", "--tw-card"])
def test_coloured_text_stands_out_from_page_and_card(text, ground):
    assert contrast(TOKENS[text], TOKENS[ground]) >= TEXT_CONTRAST


def test_our_own_styles_name_neither_left_nor_right():
    assert not re.findall(r"(?:margin|padding|border|inset)?-?(?:left|right)\s*:", OWN)
    assert not re.findall(r":\s*(?:left|right)\s*[;}]", OWN)


@pytest.mark.parametrize("sheet", sorted(STATIC.rglob("*.css")), ids=lambda sheet: sheet.name)
def test_no_stylesheet_asks_another_host_or_names_a_licensed_font(sheet):
    text = sheet.read_text(encoding="utf-8")

    assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", text)
    assert "frutiger" not in text.lower()
    assert "@font-face" not in text


def test_what_is_vendored_is_listed_with_its_version_and_licence():
    versions = (STATIC / "vendor" / "VERSIONS.txt").read_text(encoding="utf-8")

    for name in ("nhsuk-frontend", "htmx.org"):
        assert re.search(rf"^{re.escape(name)} +\d+\.\d+\.\d+ +(MIT|0BSD)", versions, re.MULTILINE)


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in (PROJECT_ROOT / "package-lock.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "template", sorted((PROJECT_ROOT / "templates").rglob("*.html")), ids=lambda path: path.name
)
def test_no_template_brings_script_or_style_of_its_own(template):
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)
