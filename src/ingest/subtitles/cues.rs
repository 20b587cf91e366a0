//! The formats of subtitles → the lines of their cues, without numbers, timings and marks of style.

use crate::document::Original;

/// A line of a cue.
pub(crate) struct Line {
    /// The number of the cue, counted from 1; cues of one time that follow each other are one.
    pub(super) cue: usize,
    /// The line of the file, counted from 1.
    pub(super) number: usize,
    pub(super) text: String,
}

/// The lines of SubRip subtitles. Fails where there is no timing.
pub(crate) fn srt(file: &Original) -> Result<Vec<Line>, String> {
    timed(file, is_number).ok_or_else(no_timing)
}

/// The lines of WebVTT subtitles: a cue may have any name, and notes and styles stand between them.
pub(crate) fn vtt(file: &Original) -> Result<Vec<Line>, String> {
    let lines = timed(file, |_| true).ok_or_else(no_timing)?;
    let plain = |line: Line| Line { text: without_entities(&line.text), ..line };
    Ok(lines.into_iter().map(plain).collect())
}

fn no_timing() -> String {
    "there is no line such as `00:00:01,000 --> 00:00:04,000` in it".to_owned()
}

/// The lines behind timings; of the line before a timing `is_name` says whether it can be the name of the cue. None where
/// there is no timing.
fn timed(file: &Original, is_name: fn(&str) -> bool) -> Option<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut cue, mut time) = (0, "");
    let (mut after_blank, mut in_note) = (true, false);
    // The line where the block under way began.
    let mut block = 0;
    for (index, span) in file.lines().enumerate() {
        let line = span.of(&file.text).trim();
        if after_blank {
            block = index + 1;
        }
        if is_timing(line) {
            // The line before it is its name; a subtitle that is a number has a blank line behind it.
            lines.pop_if(|last| last.number == index && last.number == block && is_name(&last.text));
            let own = line.split_once("-->").map_or(line, |(from, _)| from.trim());
            if own != time || cue == 0 {
                (cue, time) = (cue + 1, own);
            }
            in_note = false;
        } else if line.is_empty() {
            in_note = false;
        } else {
            in_note |= after_blank && ["NOTE", "STYLE", "REGION"].contains(&line.split(' ').next().unwrap_or_default());
            let text = without_style(line);
            if !text.is_empty() && !in_note {
                lines.push(Line { cue, number: index + 1, text });
            }
        }
        after_blank = line.is_empty();
    }
    lines.retain(|line| line.cue > 0);
    (cue > 0).then_some(lines)
}

/// The fields of an event before its text, where no line says otherwise.
const FIELDS_BEFORE_TEXT: usize = 9;

/// The lines of SubStation Alpha subtitles. Fails where there is no dialogue.
pub(crate) fn ass(file: &Original) -> Result<Vec<Line>, String> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut cue, mut time, mut before_text) = (0, "", FIELDS_BEFORE_TEXT);
    for (index, span) in file.lines().enumerate() {
        let line = span.of(&file.text).trim();
        if let Some(fields) = line.strip_prefix("Format:") {
            // Styles have a format too, without a text.
            before_text = fields.split(',').position(|field| field.trim() == "Text").unwrap_or(before_text);
        }
        let Some(event) = line.strip_prefix("Dialogue:") else { continue };
        let mut fields = event.splitn(before_text + 1, ',');
        let own = fields.clone().nth(1).unwrap_or_default();
        let Some(text) = fields.nth(before_text) else { continue };
        if own != time || cue == 0 {
            (cue, time) = (cue + 1, own);
        }
        for part in without_overrides(text).split('\n').map(str::trim).filter(|part| !part.is_empty()) {
            lines.push(Line { cue, number: index + 1, text: part.to_owned() });
        }
    }
    if cue == 0 { Err("there is no line that begins with `Dialogue:` in it".to_owned()) } else { Ok(lines) }
}

/// The text of an event, its lines parted by line feeds. What is drawn instead of written is left out.
fn without_overrides(text: &str) -> String {
    let mut plain = String::new();
    let (mut rest, mut draws) = (text, false);
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        let (before, mark) = (&rest[..start], &rest[start..start + length]);
        plain.push_str(if draws { "" } else { before });
        for (at, _) in mark.match_indices("\\p") {
            let scale = &mark[at + 2..];
            if scale.starts_with(|c: char| c.is_ascii_digit()) {
                draws = !scale.starts_with('0');
            }
        }
        rest = &rest[start + length + 1..];
    }
    plain.push_str(if draws { "" } else { rest });
    plain.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
}

/// The text with the characters that WebVTT writes as names.
fn without_entities(text: &str) -> String {
    let names = [("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    names.into_iter().fold(text.to_owned(), |text, (name, character)| text.replace(name, character))
}

/// Whether a line says when a cue is shown: `00:00:01,000 --> 00:00:04,000`, and perhaps where.
fn is_timing(line: &str) -> bool {
    let is_time = |text: &str| text.contains(':') && text.chars().all(|c| c.is_ascii_digit() || ":,.".contains(c));
    line.split_once("-->")
        .is_some_and(|(from, to)| is_time(from.trim()) && is_time(to.split_whitespace().next().unwrap_or_default()))
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

/// Elements that subtitles are styled with; any other sign `<` is text.
const STYLES: [&str; 10] = ["i", "b", "u", "s", "font", "c", "v", "lang", "ruby", "rt"];

/// A line without `<i>`, `<font color="red">` and `{\an8}`.
fn without_style(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(['<', '{']) {
        let (before, mark) = rest.split_at(start);
        text.push_str(before);
        // A mark has no other in it: so each is looked at once, however many there are.
        let end = mark[1..].find(['>', '}', '<', '{']).map_or(mark.len(), |end| end + 2);
        rest = if is_style(&mark[..end]) {
            &mark[end..]
        } else {
            text.push_str(&mark[..1]);
            &mark[1..]
        };
    }
    text.push_str(rest);
    text.trim().to_owned()
}

fn is_style(mark: &str) -> bool {
    if mark.starts_with("{\\") {
        return mark.ends_with('}');
    }
    let Some(inside) = mark.strip_prefix('<').and_then(|mark| mark.strip_suffix('>')) else { return false };
    let name = inside.trim_start_matches('/').split([' ', '.']).next().unwrap_or_default();
    let is_time = inside.contains(':') && inside.chars().all(|c| c.is_ascii_digit() || ":.".contains(c));
    is_time || STYLES.iter().any(|style| name.eq_ignore_ascii_case(style))
}
