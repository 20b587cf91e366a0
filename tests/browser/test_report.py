"""Tests of the report as a reader has it: in a browser, by mouse and by keyboard."""

import unittest

from pages import NAMES, address, coverage, open_browser, text

SHOWN = ".bead:not([hidden])"


def setUpModule():
    global browser
    opened = open_browser()
    browser = opened.__enter__()
    unittest.addModuleCleanup(opened.__exit__, None, None, None)


class ReportTest(unittest.TestCase):
    """Opens pages, and fails where one complains or asks for anything."""

    def setUp(self):
        self.complaints = []

    def open(self, name, **settings):
        context = browser.new_context(accept_downloads=True, **settings)
        self.addCleanup(context.close)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.note_request(request.url, name))
        page.goto(address(name))
        return page

    def note_request(self, url, name):
        if url != address(name) and not url.startswith("blob:"):
            self.complaints.append(f"asked for {url}")

    def tearDown(self):
        self.assertEqual(self.complaints, [])

    def saved(self, page, button):
        """What a button saves, and under which name."""
        with page.expect_download() as download:
            page.click(button)
        with open(download.value.path(), newline="", encoding="utf-8") as file:
            return download.value.suggested_filename, file.read()


class Reading(ReportTest):
    def test_the_counts_are_those_of_the_json(self):
        for name in NAMES:
            with self.subTest(name):
                page, sides = self.open(name), coverage(name)["sides"]
                for side, card in (("zh", 0), ("en", 1)):
                    shown = page.locator("#summary > div").nth(card).inner_text()
                    share, characters = sides[side]["sentences"], sides[side]["characters"]
                    self.assertIn(f"{share['covered']} of {share['total']} sentences", shown)
                    self.assertIn(f"{100 * characters['ratio']:.1f} %", shown)

    def test_what_is_missing_says_so_in_words(self):
        page, sides = self.open("lighthouse"), coverage("lighthouse")["sides"]
        for side, mark in (("zh", "No English"), ("en", "No Chinese")):
            rows = page.locator(".bead", has=page.get_by_text(mark, exact=True))
            texts = [" ".join(row.split()) for row in rows.locator(f".{side} bdi").all_text_contents()]
            expected = [sentence["text"] for sentence in sides[side]["uncovered"]]
            self.assertEqual([text for text in texts if text in expected], expected)
            self.assertEqual(rows.count(), len(expected))
        drafts = page.locator(".omission .draft bdi").all_text_contents()
        self.assertEqual(drafts, [sentence["translation"] for sentence in sides["zh"]["uncovered"]])

    def test_hints_are_marked_where_they_stand(self):
        hints = coverage("lighthouse")["sides"]["zh"]["hints"]
        page = self.open("lighthouse")
        marked = page.evaluate("[...document.querySelectorAll('#beads mark.hint')].map((mark) => mark.firstChild.data)")
        self.assertEqual(marked, [hint["text"] for hint in hints])
        self.assertGreater(len(hints), 0)

    def test_findings_are_marked_where_they_stand_and_have_filters(self):
        findings = coverage("faults")["checks"]
        page = self.open("faults")
        for side in ("zh", "en"):
            script = f"[...document.querySelectorAll('#beads .{side} mark.finding')].map((mark) => mark.firstChild.data)"
            # Of two findings at one place the first is marked.
            expected = [bit["text"] for finding in findings for bit in finding[side]]
            self.assertEqual(sorted(page.evaluate(script)), sorted(expected))
        names = page.locator("#beads .mark.finding").all_text_contents()
        self.assertEqual(names, [finding["check"] for finding in findings])
        for check in {finding["check"] for finding in findings}:
            box = page.locator(f"#filters input[value=check-{check}]")
            box.check()
            self.assertEqual(page.locator(SHOWN).count(), names.count(check))
            box.uncheck()
        self.assertTrue(page.locator("#filters label", has_text="Negation").is_hidden())
        self.assertIn("before", {key for finding in findings for key in finding})
        self.assertGreater(len(findings), 4)

    def test_what_was_moved_says_where_its_other_side_stands(self):
        page, report = self.open("moved"), coverage("moved")
        rows = page.locator(".bead.moved")
        self.assertEqual(rows.count(), 2 * len(report["moved"]))
        marks = page.locator("#beads .mark.moved").all_text_contents()
        self.assertEqual(marks, ["stands at line 3", "stands at line 4", "stands at line 1", "stands at line 2"])
        texts = page.locator(".bead.moved .absent bdi").all_text_contents()
        self.assertEqual(texts[2:], ["The apples were ripe.", "All went to pick them."])
        self.assertEqual(page.locator(".bead.omission, .bead.addition").count(), 0)
        page.check("#filters input[value=moved]")
        self.assertEqual(page.locator(SHOWN).count(), 4)
        # Where a person says that it is right as it stands, it has no counterpart.
        rows.first.click()
        page.keyboard.press("a")
        self.assertEqual(page.locator(".bead.addition").count(), 1)

    def test_filters_show_what_they_say_and_can_be_added(self):
        page = self.open("lighthouse")
        counts = {}
        for kind in ("omission", "addition", "doubtful", "hinted"):
            box = page.locator(f"#filters input[value={kind}]")
            box.check()
            counts[kind] = page.locator(SHOWN).count()
            self.assertEqual(page.locator(f"{SHOWN}.{kind}").count(), counts[kind])
            self.assertEqual(box.locator("xpath=..").locator("output").inner_text(), str(counts[kind]))
            box.uncheck()
        sides = coverage("lighthouse")["sides"]
        missing = [len(sides[side]["uncovered"]) for side in ("zh", "en")]
        self.assertEqual([counts["omission"], counts["addition"]], missing)
        page.check("#filters input[value=omission]")
        page.check("#filters input[value=addition]")
        self.assertEqual(page.locator(SHOWN).count(), sum(missing))
        self.assertEqual(page.locator("#shown").inner_text(), f"{sum(missing)} of {page.locator('.bead').count()}")

    def test_a_section_is_from_its_heading_to_the_next(self):
        page = self.open("lighthouse")
        page.select_option("#section", label="冬天")
        texts = page.locator(f"{SHOWN} .zh bdi").all_text_contents()
        self.assertEqual((texts[0], texts[-1][:8]), ("冬天", "后来镇上的人送给"))

    def test_of_several_documents_one_is_shown_and_corrections_of_each_are_kept(self):
        page = self.open("several")
        self.assertEqual(page.locator("#document option").count(), len(NAMES))
        page.keyboard.press("x")
        for number, name in reversed(list(enumerate(NAMES))):
            page.select_option("#document", str(number))
            self.assertEqual(page.locator("h1 bdi").inner_text(), coverage(name)["id"])
        self.assertEqual(self.saved(page, "#save-fixed")[1], "[0]:[]:1.00\n[]:[0]:1.00\n")

    def test_doubt_is_what_the_reader_says(self):
        page = self.open("lighthouse")
        self.assertEqual(page.locator(".bead.doubtful").count(), 1)
        page.fill("#doubt", "0.1")
        page.keyboard.press("Tab")
        self.assertEqual(page.locator(".bead.doubtful").count(), 0)


class Moving(ReportTest):
    def current(self, page):
        return page.evaluate("[...document.querySelectorAll('.bead')].findIndex((row) => row.ariaCurrent)")

    def test_everything_is_reached_by_keyboard(self):
        page = self.open("lighthouse")
        reached = []
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.value || document.activeElement.className"))
        order = ["skip", "strip", "omission", "changed", "section", "doubt", "drafts", "save-tsv", "save-index", "bead pair"]
        places = [reached.index(name) for name in order]
        self.assertEqual(places, sorted(places), reached)

    def test_keys_lead_from_row_to_row_and_to_what_wants_a_look(self):
        page = self.open("lighthouse")
        page.keyboard.press("j")
        page.keyboard.press("ArrowDown")
        self.assertEqual(self.current(page), 2)
        page.keyboard.press("k")
        self.assertEqual(self.current(page), 1)
        page.keyboard.press("n")
        self.assertEqual(page.locator("[aria-current] .mark").first.inner_text(), "No English")
        page.keyboard.press("End")
        self.assertEqual(self.current(page), page.locator(".bead").count() - 1)
        page.keyboard.press("n")
        self.assertIn("No more rows", page.locator("#said").inner_text())

    def test_letters_can_be_kept_for_other_uses(self):
        page = self.open("lighthouse")
        page.click("#help summary")
        page.uncheck("#keys")
        page.locator(".bead").first.focus()
        page.keyboard.press("j")
        self.assertEqual(self.current(page), 0)

    def test_the_strip_is_a_slider(self):
        page = self.open("lighthouse")
        strip = page.get_by_role("slider", name="Place in the document")
        strip.press("ArrowRight")
        self.assertEqual((self.current(page), strip.get_attribute("aria-valuenow")), (1, "2"))
        strip.press("End")
        rows = page.locator(".bead").count()
        self.assertEqual(strip.get_attribute("aria-valuetext"), f"row {rows} of {rows}, no Chinese")

    def test_five_thousand_rows_open_and_scroll(self):
        page = self.open("long")
        self.assertEqual(page.locator(".bead").count(), 5000)
        page.keyboard.press("End")
        last = page.locator(".bead").last
        self.assertTrue(last.evaluate("(row) => row.getBoundingClientRect().bottom <= innerHeight"))
        box = page.locator("#strip").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.assertAlmostEqual(self.current(page), 2500, delta=5)
        top = page.locator("[aria-current]").evaluate("(row) => row.getBoundingClientRect().top")
        self.assertTrue(0 < top < page.viewport_size["height"], top)
        page.mouse.wheel(0, 5000)
        page.wait_for_function("scrollY > 5000")


class Correcting(ReportTest):
    def test_what_was_not_corrected_is_saved_as_the_program_writes_it(self):
        for name in NAMES:
            with self.subTest(name):
                page = self.open(name)
                for ending in ("index", "tsv"):
                    self.assertEqual(self.saved(page, f"#save-{ending}")[1], text(name, ending))

    def test_corrections_are_saved_and_can_be_taken_back(self):
        page = self.open("lighthouse")
        before = text("lighthouse", "index").splitlines()
        self.assertEqual(before[9], "[9]:[8,9]:1.00", "the sample is another one")
        self.assertTrue(page.locator("#save-fixed").is_disabled())
        page.locator(".bead").nth(9).click()
        page.keyboard.press("s")
        page.select_option("#cut-zh", "0")
        page.select_option("#cut-en", "1")
        page.click("#cut button[type=submit]")
        page.locator(".bead").nth(1).click()
        page.keyboard.press("a")
        page.keyboard.press("j")
        page.keyboard.press("m")
        page.locator(".bead").nth(0).click()
        page.keyboard.press("x")
        changed = ["[0]:[]:1.00", "[]:[0]:1.00", "[1]:[1]:1.00", "[2,3]:[2,3]:1.00"]
        split = ["[]:[8]:1.00", "[9]:[9]:1.00"]
        name, index = self.saved(page, "#save-index")
        self.assertEqual(index.splitlines(), changed + before[4:9] + split + before[10:])
        self.assertEqual(name, "lighthouse.index")
        self.assertEqual(self.saved(page, "#save-fixed")[1].splitlines(), changed + split)
        self.assertIn("6", page.locator("#filters input[value=changed] + span").inner_text())
        for _ in range(4):
            page.keyboard.press("u")
        self.assertEqual(self.saved(page, "#save-index")[1].splitlines(), before)
        page.keyboard.press("r")
        self.assertIn("[]:[8]:1.00", self.saved(page, "#save-index")[1])

    def test_the_summary_follows_the_corrections(self):
        page = self.open("lighthouse")
        covered = coverage("lighthouse")["sides"]["zh"]["sentences"]
        page.keyboard.press("x")
        shown = page.locator("#summary > div").first.inner_text()
        self.assertIn(f"{covered['covered'] - 1} of {covered['total']} sentences", shown)

    def test_what_cannot_be_done_is_said(self):
        page = self.open("lighthouse")
        page.keyboard.press("s")
        self.assertIn("Cannot be split", page.locator("#said").inner_text())
        page.keyboard.press("End")
        page.keyboard.press("m")
        self.assertIn("Cannot be merged", page.locator("#said").inner_text())


class Hostile(ReportTest):
    def test_text_stays_text(self):
        page = self.open("hostile")
        self.assertIsNone(page.evaluate("window.broken ?? null"))
        self.assertEqual(page.locator("script").count(), 2)
        self.assertEqual(page.locator("#beads :is(script, style, img, b)").count(), 0)
        self.assertIn("</title>", page.title())
        shown = page.locator(".bead .zh bdi").all_text_contents()
        self.assertEqual(shown[0], "</script><script>window.broken = true</script>脚本。")
        self.assertEqual(shown[3], "前\ufffd后\ufffd中\ufffd。")
        self.assertTrue(page.locator("#beads").is_visible())

    def test_a_line_of_a_megabyte_is_shown_when_asked_for(self):
        page = self.open("hostile")
        line = page.locator(".bead .zh bdi").last
        self.assertLess(len(line.inner_text()), 4000)
        page.get_by_role("button", name="characters").click()
        self.assertGreater(len(line.inner_text()), 300_000)

    def test_no_script_runs_but_its_own_and_nothing_is_fetched(self):
        page = self.open("lighthouse")
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.broken = true";
                document.body.append(script);
            }"""
        )
        refused = page.evaluate("fetch('https://example.invalid/').then(() => false, () => true)")
        self.assertTrue(refused)
        self.assertIsNone(page.evaluate("window.broken ?? null"))
        self.assertTrue(all("Content Security Policy" in complaint for complaint in self.complaints), self.complaints)
        self.assertEqual(len(self.complaints), 3, self.complaints)
        self.complaints.clear()


def luminance(colour):
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Looks(ReportTest):
    def test_a_narrow_window_needs_no_scrolling_sideways(self):
        for name in NAMES:
            for width in (320, 400, 900):
                page = self.open(name, viewport={"width": width, "height": 800})
                self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width, name)

    def test_text_can_be_told_from_its_ground_in_light_and_dark(self):
        pairs = [("ink", "paper"), ("quiet", "paper"), ("quiet", "card"), ("checked", "paper")]
        pairs += [(name, f"{name}-tint") for name in ("omission", "addition")] + [("doubt", "doubt-tint")]
        for scheme in ("light", "dark"):
            page = self.open("lighthouse", color_scheme=scheme)
            for names in pairs:
                colours = page.evaluate(
                    "(names) => names.map((name) => getComputedStyle(document.body).getPropertyValue(`--${name}`))", names
                )
                dark, light = sorted(map(luminance, colours))
                # What the Web Content Accessibility Guidelines ask for at level AA.
                self.assertGreaterEqual((light + 0.05) / (dark + 0.05), 4.5, (scheme, names))

    def test_on_paper_there_are_all_rows_and_no_controls(self):
        page = self.open("lighthouse")
        page.emulate_media(media="print")
        for hidden in ("#controls", "#actions"):
            self.assertFalse(page.locator(hidden).is_visible())
        self.assertTrue(page.locator(".bead").last.is_visible())


if __name__ == "__main__":
    unittest.main()
