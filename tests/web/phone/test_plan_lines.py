"""The plan's page, whose routes are read in columns."""

import pytest

pytestmark = pytest.mark.browser

STARTS = """() => {
  const left = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return Math.round(range.getBoundingClientRect().left);
  };
  return [".tour-head h3", ".tour-head .button-quiet", ".tour-hands .input", ".tour-hands .button-quiet"]
    .map((each) => document.querySelector(each))
    .map((each) => each.matches(".input") ? Math.round(each.getBoundingClientRect().left) : left(each));
}"""


def test_what_stands_below_stands_in_the_column_of_what_is_above(phone, phone_server):
    page = phone(email="coordinator@example.org")
    page.goto(f"{phone_server.address}/office/plan/2026-10-06")

    title, sheet, hand, code = page.evaluate(STARTS)

    assert sheet == title
    assert code == hand
