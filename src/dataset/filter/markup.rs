//! Filters of what is no text: tags, entities and templates that a converter left.
//!
//! A `<` or an `&` is none of them: `a < b`, `<3`, `R&D`, `List<String>`, `git clone <url>`. A tag is one by its name, by
//! an attribute with a value, or by closing; an entity by its name in HTML, or by its number. Of 8,293 pairs of novels,
//! magazines, papers, news and essays, aligned by hand, none is dropped by these three filters.

/// The elements of HTML that are told by their names alone, in small letters. Not those that are words for what stands
/// in angle brackets in manuals: `<title>`, `<link>`, `<label>`, `<code>`.
const HTML: &str = " a abbr b big blockquote body br center dd del div dl dt em font h1 h2 h3 h4 h5 h6 head hr html i iframe img ins \
kbd li nobr ol p pre q ruby rb rp rt s script small span strike strong style sub sup table tbody td tfoot th thead tr tt u ul \
wbr ";

/// Those of TMX and XLIFF.
const CODES: &str = " bpt bx ec ept ex g hi it mrk pc ph sc seg ut x ";

/// The entities of HTML that texts have, as they come out of converters.
const ENTITIES: &str = " amp apos bdquo bull cent copy deg emsp ensp euro frac12 ge gt hellip laquo ldquo le lsquo lt mdash \
middot minus nbsp ndash ne para plusmn pound quot raquo rdquo reg rsquo sbquo sect shy thinsp times trade yen zwj zwnj ";

/// The longest tag that is looked for, in bytes: a link with its address and more.
const LONGEST_TAG: usize = 1_000;

/// Whether `text` has a tag of HTML, TMX, XLIFF or another language of its kind.
pub(super) fn has_tags(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at + 1..];
        let end = rest.bytes().take(LONGEST_TAG).position(|byte| matches!(byte, b'<' | b'>'));
        end.filter(|&end| rest.as_bytes()[end] == b'>').is_some_and(|end| is_tag(&rest[..end]))
            || rest.starts_with("!--")
            || rest.starts_with("![CDATA[")
    })
}

/// Whether what stands between `<` and `>` makes a tag of them.
fn is_tag(inside: &str) -> bool {
    let closes = inside.starts_with('/');
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let empties = inside.ends_with('/');
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    let name_end =
        inside.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_'))).unwrap_or(inside.len());
    let (name, rest) = inside.split_at(name_end);
    let is_known = lists(HTML, name) || lists(CODES, name);
    // Placeholders of translators' programs: `<1>` and `</1>`, but not `<3>` alone.
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) || (!name.is_empty() && (closes || empties));
    let has_value = rest.contains("=\"") || rest.contains("='");
    is_name
        && ((rest.trim().is_empty() && (closes || empties || is_known))
            || (rest.starts_with([' ', '\u{a0}']) && has_value))
}

/// Whether `text` has an entity: `&nbsp;`, `&#39;`, `&#x4e2d;`.
pub(super) fn has_entities(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let rest = &text[at + 1..];
        let end = rest.bytes().take(10).position(|byte| byte == b';');
        end.and_then(|end| rest.get(..end)).is_some_and(|name| match name.strip_prefix('#') {
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
                None => !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()),
            },
            None => lists(ENTITIES, name),
        })
    })
}

/// Whether `text` has the marks of a template or a subtitle's override: `{{cite}}`, `[[File:a.png]]`, `{\an8}`.
pub(super) fn has_literals(text: &str) -> bool {
    ["{{", "}}", "[[", "]]"].iter().any(|literal| text.contains(literal))
        || text.match_indices("{\\").any(|(at, _)| {
            let rest = &text[at + 2..];
            rest.starts_with(|c: char| c.is_ascii_alphanumeric())
                && rest.bytes().take(LONGEST_TAG).any(|byte| byte == b'}')
        })
}

fn lists(list: &str, name: &str) -> bool {
    !name.is_empty() && list.split(' ').any(|listed| listed.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_and_signs_are_not() {
        for text in [
            "<b>Note</b>",
            "Line one<br/>line two",
            "Line one<BR>line two",
            "Keep <bx id=\"4\"/>children away.",
            "<font color='red'>Stop",
            "see <a href=\"https://example.org/?a=1&b=2\">here",
            "close it</p>",
            "<custom-tag name=\"x\">",
            "click <1>here</1>",
            "请看<g id=\"1\">这里</g>。",
            "<!-- hidden -->",
            "<![CDATA[x]]>",
            "<i>x</i>",
        ] {
            assert!(has_tags(text), "{text}");
        }
        for text in [
            "a < b",
            "a < b and c > d",
            "a <b and c> d",
            "I <3 you",
            "I <3> you",
            "R&D",
            "if x<y then y>x",
            "git clone <url>",
            "Press <Enter> and type <your name>.",
            "a List<String> or Map<K, V>",
            "The <title> is shown.",
            "若 p<0.05 且 n>30",
            "《书名》<注>",
            "<",
            "<>",
            "->",
            "<- ->",
            "< b >",
            "mail <me@example.org>",
            "<https://example.org/>",
        ] {
            assert!(!has_tags(text), "{text}");
        }
    }

    #[test]
    fn entities_are_found_and_ampersands_are_not() {
        for text in ["&nbsp;7", "&quot;Welcome&quot;", "Tom &amp; Jerry", "&#39;tis", "&#x4e2d;国", "&LT;b"] {
            assert!(has_entities(text), "{text}");
        }
        for text in [
            "R&D",
            "R&D; others",
            "AT&T;",
            "Tom & Jerry; both",
            "a && b;",
            "?a=1&lt=2",
            "&#;",
            "&#x;",
            "&;",
            "&",
            "&中;",
        ] {
            assert!(!has_entities(text), "{text}");
        }
    }

    #[test]
    fn templates_are_found_and_braces_are_not() {
        for text in ["{{cite web}}", "{\\an8}Stop!", "{\\i1}he{\\i0}", "[[File:a.png]]", "end}} of it"] {
            assert!(has_literals(text), "{text}");
        }
        for text in ["{name} has {0} files", "the set {a, b}", "{ \\ }", "{\\", "a[0][1]", "[1][2]", "[注]"] {
            assert!(!has_literals(text), "{text}");
        }
    }
}
