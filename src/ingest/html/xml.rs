//! A page in XML → the same page for a parser of HTML, line by line.
//!
//! In XML any element may be closed where it is opened, `<title/>`; in HTML most of these would go on to the end of the
//! page, and take its text with them.

use std::borrow::Cow;

/// Elements that have no end in HTML either.
const WITHOUT_END: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// The page with an end for each element that has none, and with the characters of CDATA sections as text.
pub(super) fn as_html(page: &str) -> Cow<'_, str> {
    if !page.contains("/>") && !page.contains("<![CDATA[") {
        return Cow::Borrowed(page);
    }
    let mut out = String::with_capacity(page.len() + page.len() / 8);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + "-->".len())
        } else if let Some(text) = rest.strip_prefix("<![CDATA[") {
            let end = text.find("]]>").unwrap_or(text.len());
            out.push_str(&text[..end].replace('&', "&amp;").replace('<', "&lt;"));
            rest = text[end..].strip_prefix("]]>").unwrap_or_default();
            continue;
        } else {
            tag(rest)
        };
        // A tag without an end is cut off, as is a comment.
        let Some(length) = length else { break };
        let (tag, after) = rest.split_at(length);
        let name = name(tag);
        match tag.strip_suffix("/>").filter(|_| !name.is_empty() && !WITHOUT_END.contains(&name)) {
            Some(open) => out.extend([open, "></", name, ">"]),
            None => out.push_str(tag),
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of the tag at the beginning of `text`, to the `>` that is in no quotes.
fn tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('>', None) => return Some(at + 1),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// The name of the element that a tag opens; empty where it is no such tag.
fn name(tag: &str) -> &str {
    let name = &tag[1..];
    &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_closed_where_it_is_opened_ends_there() {
        for (page, expected) in [
            ("<title/>文", "<title></title>文"),
            ("<a id='>' b=\"/>\" />x", "<a id='>' b=\"/>\" ></a>x"),
            ("<p>一<br/>二</p>", "<p>一<br/>二</p>"),
            ("<!-- <i/> --><i/>", "<!-- <i/> --><i></i>"),
            ("<![CDATA[a < b & c]]></p>", "a &lt; b &amp; c</p>"),
            ("a < b /> c", "a < b /> c"),
            ("<i/><", "<i></i><"),
            ("<i x=\"/>", "<i x=\"/>"),
        ] {
            assert_eq!(as_html(page), expected, "{page}");
        }
    }

    proptest! {
        #[test]
        fn any_page_keeps_its_lines(page in "(<|>|/>|<i/>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|\"|'|[a中\n ]){0,30}") {
            prop_assert_eq!(as_html(&page).matches('\n').count(), page.matches('\n').count());
        }
    }
}
