//! Text made safe for a line of a table, for a cell of a spreadsheet or for a terminal. Everything else in it stays as it
//! is.

use std::borrow::Cow;

/// `text` on one line: where control characters or line separators stand, they and the white space around them
/// become one space.
pub fn one_line(text: &str) -> Cow<'_, str> {
    without(text, breaks_a_line)
}

/// `text` on what every reader takes for one line: where some see a line end, it and the white space around it become
/// one space. Everything else stays, tabs too.
pub(super) fn without_line_ends(text: &str) -> Cow<'_, str> {
    without(text, ends_a_line)
}

/// `text` as XML and spreadsheets can hold it: where characters stand that they cannot, they and the white space around
/// them become one space. Tabs and line ends stay.
pub(super) fn for_cell(text: &str) -> Cow<'_, str> {
    without(text, is_not_xml)
}

fn without(text: &str, is_unwanted: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(is_unwanted) {
        return Cow::Borrowed(text);
    }
    let is_gap = |c: char| c.is_whitespace() || is_unwanted(c);
    let mut line = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_gap) {
        let length = rest[start..].find(|c| !is_gap(c)).unwrap_or(rest.len() - start);
        let (before, gap) = rest[..start + length].split_at(start);
        line.push_str(before);
        line.push_str(if gap.contains(is_unwanted) { " " } else { gap });
        rest = &rest[start + length..];
    }
    line.push_str(rest);
    Cow::Owned(line)
}

/// `text` on one line, with nothing in it that a terminal obeys: characters that turn the direction of writing are
/// shown as U+FFFD, so that a text can neither hide nor reorder what stands beside it.
pub(super) fn for_terminal(text: &str) -> Cow<'_, str> {
    let line = one_line(text);
    if line.contains(turns_direction) { Cow::Owned(line.replace(turns_direction, "\u{FFFD}")) } else { line }
}

/// `text` with everything in it that a terminal obeys spelt out (`\u{1b}`, `\r`), so that it can neither command the
/// terminal, nor hide or reorder what stands beside it, nor pass for a line of its own. Tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_obeyed = |c: char| c != '\t' && (breaks_a_line(c) || turns_direction(c));
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Whether `c` ends a line of a table: control characters (tab and line ends are among them), U+2028 and U+2029.
fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether Python's `str.splitlines` splits at `c`; it knows more line ends than other readers.
fn ends_a_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether `c` is outside of the production `Char` of XML 1.0.
pub(super) fn is_not_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether `c` has the property `Bidi_Control` (Unicode Standard Annex 9), which turns the direction of writing.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn line_breaks_become_one_space_with_the_white_space_around_them() {
        for (text, expected) in [
            ("no break,  two spaces", "no break,  two spaces"),
            ("a\tb", "a b"),
            ("wrapped \r\n    line", "wrapped line"),
            ("一。\u{3000}\n\n二。", "一。 二。"),
            ("x\u{2028}y\u{2029}z\u{85}\0!", "x y z !"),
            ("two  spaces\nbefore", "two  spaces before"),
        ] {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }

    #[test]
    fn where_only_line_ends_must_go_the_rest_stays() {
        for (text, expected) in [
            ("a\tb  c\u{1}", "a\tb  c\u{1}"),
            ("one \r\n two\u{2028}three\rfour", "one two three four"),
            ("a\u{b}b\u{c}c\u{1c}d\u{85}e\u{2029}", "a b c d e "),
        ] {
            assert_eq!(without_line_ends(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_cell_keeps_its_tabs_and_lines_and_loses_what_no_xml_can_hold() {
        for (text, expected) in [
            ("a\tb\r\n\u{85}\u{2028}c", "a\tb\r\n\u{85}\u{2028}c"),
            ("a\0b \u{1b}[31m\u{b}\n c\u{fffe}", "a b [31m c "),
        ] {
            assert_eq!(for_cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_terminal_gets_no_escape_and_no_turn_of_direction() {
        assert_eq!(for_terminal("a\x1b[31mb\u{9b}c\u{202E}d\u{2066}"), "a [31mb c\u{FFFD}d\u{FFFD}");
    }

    #[test]
    fn what_a_terminal_obeys_is_spelt_out_and_the_rest_stays() {
        assert_eq!(visible("猫\tcafé ‘x’"), "猫\tcafé ‘x’");
        assert_eq!(
            visible("a\x1b[2J\u{9b}m\r\n\u{202E}\u{2028}\u{7f}猫"),
            r"a\u{1b}[2J\u{9b}m\r\n\u{202e}\u{2028}\u{7f}猫"
        );
    }

    proptest! {
        #[test]
        fn what_is_on_one_line_stays_as_it_is(text in any::<String>()) {
            let line = one_line(&text).into_owned();
            prop_assert!(!line.contains(breaks_a_line));
            prop_assert_eq!(one_line(&line).into_owned(), line.clone());
            let letters = |text: &str| text.chars().filter(|&c| !c.is_whitespace() && !breaks_a_line(c)).collect::<String>();
            prop_assert_eq!(letters(&line), letters(&text));
        }
    }
}
