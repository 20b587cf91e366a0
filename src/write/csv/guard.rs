//! Apostrophes before what a spreadsheet would take for a formula, as OWASP advises, and only there.
//!
//! - At the beginning of a cell: if `=`, `+`, `-`, `@` or their full-width forms come first, be it after white space; or a
//!   tab or a line end does.
//! - After `;`, a tab or a line end inside a cell: if one of these characters comes first, be it after white space or
//!   quotation marks. For there are spreadsheets that divide lines at other characters than commas: where the decimal sign
//!   is a comma, Excel does so at semicolons, and obeys no quotation marks then but those that begin a cell for it.
//!
//! Apostrophes that stand there already count as nothing, so that text which looks guarded gets one more, and
//! [`unguarded`] gives back exactly what was there, of any text. In other programs it is to remove what the regular
//! expression `^'(?='*[\t\r\n]|['\s]*[=+\-@＝＋－＠])|(?<=[;\t\r\n])'(?=['"\s]*[=+\-@＝＋－＠])` finds.

use std::borrow::Cow;

/// What divides lines into cells somewhere, or ends them, beside commas.
const DIVIDERS: [char; 4] = [';', '\t', '\r', '\n'];

/// What makes a formula of a cell that begins with it.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What must not begin a cell, formula or not.
const BREAKS: [char; 3] = ['\t', '\r', '\n'];

/// `text` with an apostrophe before whatever a spreadsheet would take for a formula.
pub fn guarded(text: &str) -> Cow<'_, str> {
    // From the end: each character is looked at once.
    let (mut places, mut leads) = (Vec::new(), false);
    for (at, c) in text.char_indices().rev() {
        if leads && DIVIDERS.contains(&c) {
            places.push(at + c.len_utf8());
        }
        leads = leads_to_formula(c, leads);
    }
    if is_harmful(text) {
        places.push(0);
    }
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut guarded, mut rest) = (String::with_capacity(text.len() + places.len()), 0);
    for place in places.into_iter().rev() {
        guarded.push_str(&text[rest..place]);
        guarded.push('\'');
        rest = place;
    }
    guarded.push_str(&text[rest..]);
    Cow::Owned(guarded)
}

/// The text of which [`guarded`] made `text`.
pub fn unguarded(text: &str) -> Cow<'_, str> {
    let (mut places, mut leads) = (Vec::new(), false);
    for (at, c) in text.char_indices().rev() {
        if c == '\'' {
            let is_guard = match text[..at].chars().next_back() {
                None => is_harmful(&text[1..]),
                Some(before) => leads && DIVIDERS.contains(&before),
            };
            places.extend(is_guard.then_some(at));
        }
        leads = leads_to_formula(c, leads);
    }
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut unguarded, mut rest) = (String::with_capacity(text.len()), 0);
    for place in places.into_iter().rev() {
        unguarded.push_str(&text[rest..place]);
        rest = place + 1;
    }
    unguarded.push_str(&text[rest..]);
    Cow::Owned(unguarded)
}

/// Whether `c`, with what follows it, leads to a formula after a divider, if what follows it does (`follows`).
fn leads_to_formula(c: char, follows: bool) -> bool {
    FORMULA.contains(&c) || follows && (c.is_whitespace() || matches!(c, '\'' | '"'))
}

/// Whether a cell must not begin like `text`, whatever apostrophes come first.
fn is_harmful(text: &str) -> bool {
    let is_skipped = |c: char| c == '\'' || c.is_whitespace();
    text.trim_start_matches('\'').starts_with(BREAKS) || text.trim_start_matches(is_skipped).starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_be_a_formula_is_one_no_more() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+86", "'+86"),
            ("-5", "'-5"),
            ("- Me.", "'- Me."),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\r=x", "'\r'=x"),
            ("  =x", "'  =x"),
            ("\u{3000}=x", "'\u{3000}=x"),
            ("＝1＋1", "'＝1＋1"),
            ("a;=x", "a;'=x"),
            ("a; \"=x", "a;' \"=x"),
            ("- a\n- b", "'- a\n'- b"),
            ("'=x", "''=x"),
            ("'''\tx", "''''\tx"),
        ] {
            assert_eq!(guarded(text), expected, "{text:?}");
            assert_eq!(unguarded(expected), text, "{expected:?}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in [
            "",
            "猫睡了。",
            "——我。",
            "a = b; c - d, -e",
            "mail me@example.org",
            "'Tis so.",
            "\"=x\", he said",
            "'quoted'; 'too'",
            "1-2",
            "a\n'b'",
            "5",
        ] {
            assert_eq!((guarded(text), unguarded(text)), (Cow::Borrowed(text), Cow::Borrowed(text)));
        }
    }

    proptest! {
        #[test]
        fn no_part_of_any_text_begins_a_formula_and_all_of_it_comes_back(
            text in prop_oneof![any::<String>(), "[ '\"=;,\r\n\ta@\u{3000}＋-]{0,12}"],
        ) {
            let safe = guarded(&text);
            for part in safe.split(DIVIDERS) {
                let is_skipped = |c: char| c.is_whitespace() || c == '"' && !safe.starts_with(part);
                prop_assert!(!part.trim_start_matches(is_skipped).starts_with(FORMULA), "{:?}", safe);
            }
            prop_assert!(!safe.starts_with(BREAKS));
            prop_assert_eq!(unguarded(&safe), text.as_str());
            prop_assert!(unguarded(&text).len() <= text.len());
        }
    }
}
