"""What people do in their browsers."""

import re

from playwright.sync_api import Page, expect

from tests.factories import PASSWORD


def sign_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/")
    page.get_by_label("Login").or_(page.locator("[name=login]")).first.fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url(re.compile("/accounts/login/"))


def choose(page: Page, item: str, words: str) -> None:
    """Open the section of a question if it is closed, and choose an answer by its words."""
    question = page.locator(f"#field-answer-{item}")
    section = page.locator("details.tw-section", has=question)
    if section.get_attribute("open") is None:
        section.locator("summary").first.click()
    question.get_by_text(words, exact=True).click()
