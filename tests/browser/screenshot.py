"""Makes the README's picture of a report: `tests/browser/report.png`."""

from pathlib import Path

from pages import address, open_browser

PICTURE = Path(__file__).resolve().with_name("report.png")
SIZE = {"width": 1000, "height": 1040}


def main():
    with open_browser() as browser:
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(address("lighthouse"))
        page.select_option("#section", label="冬天")
        page.locator("h1").click()
        page.keyboard.press("n")
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
