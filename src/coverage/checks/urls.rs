//! The check of what a translation copies as it is: addresses, file names, placeholders, tags.
//!
//! A placeholder must stand on both sides as often; an address or a file name must stand on both sides at all. What
//! addresses say of the language (`/zh-cn/`, `en.`) may differ, and file names may be translated.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use crate::{both::Both, text::is_han};

/// Something that is copied, in the form in which it is compared, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Copied {
    form: String,
    place: Range<usize>,
    /// Whether it counts how often it stands there.
    is_placeholder: bool,
}

/// Where each side has what the other has not, or not as often.
pub(super) fn differing(texts: Both<&str>) -> Both<Vec<Range<usize>>> {
    let Both { source, target } = texts.map(copied);
    if source.is_empty() && target.is_empty() {
        return Both::default();
    }
    Both::new(lacking(&source, &target), lacking(&target, &source))
}

/// What is copied on one side and not on the other.
fn lacking(of: &[Copied], other: &[Copied]) -> Vec<Range<usize>> {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for copied in other {
        *left.entry(&copied.form).or_default() += 1;
    }
    let known: HashSet<&str> = left.keys().copied().collect();
    // A file name in Chinese, of which the ending alone is compared.
    let translated: HashSet<&str> = of.iter().chain(other).filter_map(|copied| copied.form.strip_prefix('*')).collect();
    let lacks = |copied: &&Copied| {
        if copied.is_placeholder {
            let left = left.get_mut(copied.form.as_str()).filter(|left| **left > 0);
            return left.map(|left| *left -= 1).is_none();
        }
        let ending = copied.form.rfind('.').map_or("", |at| &copied.form[at..]);
        let may_be_translated = !copied.form.contains(['/', '@']) && translated.contains(ending);
        !known.contains(copied.form.as_str()) && !may_be_translated
    };
    of.iter().filter(lacks).map(|copied| copied.place.clone()).collect()
}

/// What is copied in a text, in order.
fn copied(text: &str) -> Vec<Copied> {
    // Most sentences have nothing of the kind.
    if !text.contains(['.', '@', '%', '{', '<', '$', '/', '&']) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let read = address(text, at)
            .map(|end| (normal_address(&text[at..end]), end, false))
            .or_else(|| placeholder(text, at).map(|end| (normal_placeholder(&text[at..end]), end, true)));
        if let Some((form, end, is_placeholder)) = read.filter(|&(_, end, _)| end > at) {
            found.push(Copied { form, place: at..end, is_placeholder });
            at = end;
            continue;
        }
        let first = text[at..].chars().next().unwrap_or_default();
        if is_of_name(first) && !text[..at].ends_with(is_of_name) {
            let length = text[at..].find(|c| !(is_of_name(c) || c == '@')).unwrap_or(text.len() - at);
            let name = text[at..at + length].trim_end_matches(['.', '-', '_', '+']);
            if let Some(form) = normal_name(name, text[..at].chars().next_back()) {
                found.push(Copied { form, place: at..at + name.len(), is_placeholder: false });
            }
            at += length;
        } else {
            at += first.len_utf8();
        }
    }
    found
}

/// Beginnings of addresses.
const SCHEMES: [&str; 6] = ["https://", "http://", "ftp://", "www.", "mailto:", "file://"];

/// Whether `text` begins with an ASCII `prefix`, in capitals or not.
fn begins(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// The end of the address that begins at a place.
fn address(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let scheme = SCHEMES.iter().find(|scheme| begins(rest, scheme))?;
    if text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let is_of_address = |c: char| c.is_ascii_graphic() && !"<>\"`{}|\\^".contains(c);
    let length = rest.find(|c| !is_of_address(c)).unwrap_or(rest.len());
    let mut address = &rest[..length];
    let opens = [address.contains('('), address.contains('[')];
    // What closes the sentence is no part of it, nor is a bracket that was opened before it.
    while let Some(last) = address.chars().next_back().filter(|c| ".,;:!?'*)]".contains(*c)) {
        if last == ')' && opens[0] || last == ']' && opens[1] {
            break;
        }
        address = &address[..address.len() - 1];
    }
    (address.len() > scheme.len()).then_some(at + address.len())
}

/// What addresses have for the language of a page, or for nothing at all.
const OF_LANGUAGES: [&str; 14] =
    ["zh", "cn", "zh-cn", "zh-hans", "zh-tw", "zh-hant", "en", "en-us", "en-gb", "www", "m", "us", "uk", "chs"];

/// An address without what may differ between languages.
fn normal_address(address: &str) -> String {
    let lower = address.to_ascii_lowercase();
    let bare = lower.split_once("://").map_or(lower.as_str(), |(_, bare)| bare);
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
    let parts = bare.split(['/', '.', '=', '?', '&', '_', ':']).filter(|part| !part.is_empty());
    parts.filter(|part| !OF_LANGUAGES.contains(part)).collect::<Vec<_>>().join("/") + "/"
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-+".contains(c)
}

/// Endings of files.
const FILES: [&str; 74] = [
    "txt", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "csv", "tsv", "json", "jsonl", "xml", "html", "htm",
    "md", "py", "rs", "ts", "css", "cpp", "hpp", "java", "sh", "exe", "dll", "so", "zip", "tar", "gz", "bz2", "xz",
    "rar", "7z", "png", "jpg", "jpeg", "gif", "svg", "bmp", "webp", "mp3", "mp4", "wav", "avi", "mov", "ini", "cfg",
    "conf", "toml", "yaml", "yml", "log", "bat", "ps1", "ipynb", "epub", "srt", "vtt", "ass", "rtf", "odt", "sql",
    "db", "bin", "iso", "apk", "dmg", "deb", "rpm", "jar", "php", "parquet", "tmx",
];

/// An e-mail address, a file name or the ending of a Chinese file name (`*.docx`), in the form in which it is compared.
fn normal_name(name: &str, before: Option<char>) -> Option<String> {
    if let Some((person, host)) = name.split_once('@') {
        return (!person.is_empty() && host.contains('.')).then(|| name.to_ascii_lowercase());
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    if !FILES.contains(&ending.as_str()) {
        return None;
    }
    match before {
        _ if stem.chars().any(|c| c.is_ascii_alphanumeric()) => Some(name.to_ascii_lowercase()),
        Some(c) if is_han(c) || "》）)”".contains(c) => Some(format!("*.{ending}")),
        _ => None,
    }
}

/// The longest placeholder, in bytes: of what is longer, nothing is known.
const LONGEST: usize = 200;

/// The end of the placeholder or tag that begins at a place.
fn placeholder(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let rest = rest.get(..LONGEST).unwrap_or_else(|| {
        let end = (0..=LONGEST.min(rest.len())).rev().find(|&end| rest.is_char_boundary(end)).unwrap_or(0);
        &rest[..end]
    });
    let length = match rest.as_bytes().first()? {
        b'%' if !text[..at].ends_with(|c: char| c.is_ascii_digit() || c == '%') => format_length(rest)?,
        b'{' => braces_length(rest)?,
        b'<' => tag_length(rest)?,
        b'$' if !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) => variable_length(rest)?,
        b'&' => entity_length(rest)?,
        _ => return None,
    };
    Some(at + length)
}

/// `%s`, `%1$d`, `%.2f`, `%(name)s`; not the percent sign of `5% discount`.
fn format_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    if bytes.get(at) == Some(&b'(') {
        at += text[at..].find(')')? + 1;
    }
    while bytes.get(at).is_some_and(|byte| b"0123456789$.-+#l".contains(byte)) {
        at += 1;
    }
    let ends = bytes.get(at).is_some_and(|byte| b"sdifgeuxXc@".contains(byte));
    let is_word = bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
    (ends && !is_word).then_some(at + 1)
}

/// `{}`, `{0}`, `{name}`, `{{name}}`, `{price:.2f}`.
fn braces_length(text: &str) -> Option<usize> {
    let end = text.find('}')? + 1;
    let within = text[..end].trim_matches(['{', '}']).trim();
    let end = end + text[end..].chars().take_while(|&c| c == '}').count();
    let name = within.split([':', '!']).next().unwrap_or_default();
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    (is_name && within.is_ascii() && within.len() < 40).then_some(end)
}

/// `<b>`, `</b>`, `<br/>`, `<a href="…">`; not `a < b and c > d`.
fn tag_length(text: &str) -> Option<usize> {
    let end = text.find('>')? + 1;
    let within = text[1..end - 1].trim_start_matches('/');
    let name_length = within.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:".contains(c))).unwrap_or(within.len());
    let (name, more) = within.split_at(name_length);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= 20;
    let has_attributes = more.starts_with(char::is_whitespace) && (more.contains('=') || more.trim() == "/");
    (is_name && (more.is_empty() || more == "/" || has_attributes) && !within.contains('<')).then_some(end)
}

/// Signs of dollars, which are no variables.
const DOLLARS: [&str; 8] = ["US", "USD", "HK", "HKD", "NT", "NTD", "AUD", "CAD"];

/// `$HOME`, `${name}`.
fn variable_length(text: &str) -> Option<usize> {
    if text[1..].starts_with('{') {
        return braces_length(&text[1..]).map(|length| length + 1);
    }
    let name = &text[1..text.find(|c: char| !(c.is_ascii_alphanumeric() || "_$".contains(c))).unwrap_or(text.len())];
    let is_name = name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && !name.contains(|c: char| c.is_ascii_lowercase());
    (is_name && !DOLLARS.contains(&name)).then_some(1 + name.len())
}

/// `&nbsp;` and its like.
fn entity_length(text: &str) -> Option<usize> {
    let end = text.find(';')?;
    let name = &text[1..end];
    let is_name = (2..9).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#');
    is_name.then_some(end + 1)
}

/// A placeholder in the form in which it is compared: a tag without its attributes.
fn normal_placeholder(text: &str) -> String {
    if !text.starts_with('<') {
        return text.to_owned();
    }
    let is_closing = text.starts_with("</");
    let name: String = text
        .chars()
        .skip_while(|c| "</".contains(*c))
        .take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c))
        .collect();
    format!("<{}{}>", if is_closing { "/" } else { "" }, name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(chinese: &str, english: &str) -> String {
        let texts = Both::new(chinese, english);
        let bits = texts
            .zip(differing(texts))
            .map(|(text, places)| places.into_iter().map(|place| &text[place]).collect::<Vec<_>>().join(" "));
        format!("{}|{}", bits.source, bits.target)
    }

    #[test]
    fn what_is_copied_must_stand_on_both_sides() {
        for (chinese, english, expected) in [
            ("见https://a.example/x。", "See https://a.example/x.", "|"),
            ("见https://a.example/x。", "See (https://a.example/y).", "https://a.example/x|https://a.example/y"),
            ("见https://a.example/zh-CN/x。", "See http://www.a.example/en/x/.", "|"),
            ("见 https://zh.wikipedia.org", "See https://en.wikipedia.org.", "|"),
            ("写信给ann@a.example。", "Write to ann@a.example.", "|"),
            ("写信给ann@a.example。", "Write to her.", "ann@a.example|"),
            ("打开config.toml和报告.docx", "Open config.toml and report.docx", "|"),
            ("打开config.toml", "Open the file", "config.toml|"),
            ("用Node.js写的，U.S. 3.14", "written in Node.js, e.g. 3.14 of the U.S.", "|"),
            ("共%d个文件，%s", "%s: %d files", "|"),
            ("共%d个文件，%s", "%d files", "%s|"),
            ("你好，{name}！{0}", "Hello, {Name}! {0}", "{name}|{Name}"),
            ("降价50%的商品", "50% discounts, 20 %", "|"),
            ("<b>重要</b>", "<B class=\"x\">Important</B>", "|"),
            ("<b>重要</b>", "<b>Important", "</b>|"),
            ("若a<b且c>d", "if a < b and c > d", "|"),
            ("设置$HOME和${user}", "Set $HOME and ${user}; it costs $US 5", "|"),
            ("设置$PATH", "Set the path", "$PATH|"),
            ("Tom&nbsp;和 Q&A;", "Tom and Q&A;", "&nbsp;|"),
            ("{{name}}", "{{name}}", "|"),
        ] {
            assert_eq!(found(chinese, english), expected, "{chinese} | {english}");
        }
    }
}
