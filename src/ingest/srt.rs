//! Subtitles (SubRip) → blocks: a sentence each, or a few, put together from as many cues as it goes on over.
//!
//! Numbers, timings and marks of style are left out. Both languages may stand in each cue, a line below the other: each
//! goes on by itself from cue to cue. Whether a sentence goes on is told by its punctuation; subtitles that are written
//! without it, as most Chinese ones are, have a sentence in each cue.

use super::{
    Blocks, Layout,
    excerpts::{Excerpts, place},
    paragraphs,
    script::{self, Reading},
};
use crate::{
    document::{Original, Span},
    error::{Error, Result},
    text::Lang,
};

/// Lines that a sentence goes on over at the most, where it goes on over cues; what goes on longer is a song, or a
/// list.
const LONGEST: usize = 8;

/// Reads subtitles; `only` is the language of all of them, where it is known.
pub(super) fn read(file: &Original, layout: Layout, only: Option<Lang>) -> Result<(Original, Blocks)> {
    let pieces = pieces(file, only).ok_or_else(|| Error::Malformed {
        path: file.name.clone(),
        format: "subtitles",
        what: "there is no line such as `00:00:01,000 --> 00:00:04,000` in it".to_owned(),
        source: None,
    })?;
    let lines: Vec<Span> = file.lines().collect();
    let mut excerpts = Excerpts::default();
    for sentence in sentences(pieces, layout) {
        for (index, piece) in sentence.iter().enumerate() {
            let joiner = match piece.reading {
                Reading::In(lang) if index > 0 => lang.joiner(),
                _ => "",
            };
            excerpts.push(&format!("{joiner}{}", piece.text), &place(file, &lines, piece.line));
        }
        excerpts.end_block(false);
    }
    Ok(excerpts.finish(&file.name))
}

/// A line of a cue.
struct Piece {
    /// The cue, counted from 1.
    cue: usize,
    /// The line of the file, counted from 1.
    line: usize,
    text: String,
    reading: Reading,
}

/// The lines of all cues; none where there is no timing.
fn pieces(file: &Original, only: Option<Lang>) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut cue = 0;
    for (index, span) in file.lines().enumerate() {
        let line = span.of(&file.text).trim();
        if is_timing(line) {
            // The line before it is its number; a subtitle that is a number has a blank line behind it.
            pieces.pop_if(|last| last.line == index && is_number(&last.text));
            cue += 1;
        } else {
            let text = without_style(line);
            if !text.is_empty() {
                let reading = only.map_or_else(|| script::read(&text), Reading::In);
                pieces.push(Piece { cue, line: index + 1, text, reading });
            }
        }
    }
    pieces.retain(|piece| piece.cue > 0);
    (cue > 0).then_some(pieces)
}

/// The pieces put together.
fn sentences(pieces: Vec<Piece>, layout: Layout) -> Vec<Vec<Piece>> {
    let joins_cues = |lang| layout == Layout::Prose && is_punctuated(&pieces, lang);
    let (zh, en) = (joins_cues(Lang::Zh), joins_cues(Lang::En));
    let mut done: Vec<Vec<Piece>> = Vec::new();
    let mut open: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        let joins_cues = match piece.reading {
            Reading::In(Lang::Zh) => Some(zh),
            Reading::In(Lang::En) => Some(en),
            Reading::Foreign | Reading::Either | Reading::Rule => None,
        };
        let goes_on = |sentence: &Vec<Piece>| {
            let (Some(joins_cues), Some(last)) = (joins_cues, sentence.last()) else { return false };
            let is_next =
                last.cue == piece.cue || (joins_cues && last.cue + 1 == piece.cue && sentence.len() < LONGEST);
            let is_ended = paragraphs::ends_sentence(&last.text) || piece.text.starts_with(['-', '–', '—']);
            is_next && !is_ended && last.reading == piece.reading
        };
        if let Some(index) = open.iter().position(goes_on) {
            open[index].push(piece);
            continue;
        }
        // What this piece does not go on with has ended, unless it is of the other language.
        let (kept, ended) = open.into_iter().partition::<Vec<_>, _>(|sentence: &Vec<Piece>| {
            sentence.last().is_some_and(|last| last.reading != piece.reading && last.cue + 1 >= piece.cue)
        });
        open = kept;
        done.extend(ended);
        open.push(vec![piece]);
    }
    done.extend(open);
    done.sort_by_key(|sentence| sentence.first().map(|piece| piece.line));
    done
}

/// Whether at least half of the cues of a language end as sentences end.
fn is_punctuated(pieces: &[Piece], lang: Lang) -> bool {
    let mut ends: Vec<&Piece> = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.reading == Reading::In(lang)) {
        ends.pop_if(|last| last.cue == piece.cue);
        ends.push(piece);
    }
    2 * ends.iter().filter(|piece| paragraphs::ends_sentence(&piece.text)).count() >= ends.len()
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
const STYLES: [&str; 6] = ["i", "b", "u", "s", "font", "c"];

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
    STYLES.iter().any(|style| name.eq_ignore_ascii_case(style))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::ByteMap;

    /// Subtitles with these cues.
    fn subtitles(cues: &[&str]) -> Original {
        let cue = |(index, text): (usize, &&str)| {
            format!("{0}\r\n00:00:0{0},000 --> 00:00:09,500 X1:1\r\n{text}\r\n\r\n", index + 1)
        };
        Original::new("a.srt", cues.iter().enumerate().map(cue).collect::<String>(), ByteMap::shifted(0))
    }

    fn texts(file: &Original, layout: Layout, only: Option<Lang>) -> Vec<String> {
        let (original, blocks) = read(file, layout, only).unwrap();
        blocks.blocks.iter().map(|block| block.span.of(&original.text).to_owned()).collect()
    }

    #[test]
    fn a_sentence_goes_on_over_cues_and_lines() {
        let cases: [(&[&str], &[&str]); 7] = [
            (
                &["The owner went to", "the hills\r\nto pick tea.", "He is back."],
                &["The owner went to the hills to pick tea.", "He is back."],
            ),
            (&["老板去山里", "采茶了。", "他回来了。"], &["老板去山里采茶了。", "他回来了。"]),
            // Without punctuation nothing says that a sentence goes on.
            (
                &["老板去山里采茶", "明天才回来", "门上贴着\r\n一张纸条"],
                &["老板去山里采茶", "明天才回来", "门上贴着一张纸条"],
            ),
            (&["<i>It</i> is {\\an8}late.", "a < b and 1 <i>2."], &["It is late.", "a < b and 1 2."]),
            (&["- Is it late?\r\n- No.", "1984", "12\r\n\r\n13."], &["- Is it late?", "- No.", "1984", "12", "13."]),
            // Both languages in each cue.
            (
                &["老板去山里\r\nThe owner went", "采茶了。\r\nto pick tea.", "他回来了。\r\nHe is back."],
                &["老板去山里采茶了。", "The owner went to pick tea.", "他回来了。", "He is back."],
            ),
            (&["", "<b></b>"], &[]),
        ];
        for (cues, expected) in cases {
            assert_eq!(texts(&subtitles(cues), Layout::Prose, None), expected, "{cues:?}");
        }
    }

    #[test]
    fn where_cues_are_sentences_they_stay_apart() {
        let file = subtitles(&["The owner went", "to pick\r\ntea."]);
        assert_eq!(texts(&file, Layout::Lines, None), ["The owner went", "to pick tea."]);
    }

    #[test]
    fn what_is_known_to_be_of_one_language_stays_in_order() {
        let file = subtitles(&["他说", "OK.", "好。"]);
        assert_eq!(texts(&file, Layout::Prose, Some(Lang::Zh)), ["他说OK.", "好。"]);
    }

    #[test]
    fn every_sentence_knows_its_line() {
        let file = subtitles(&["One goes", "on.", "Two."]);
        let (original, found) = read(&file, Layout::Prose, None).unwrap();
        let lines: Vec<_> = found.blocks.iter().map(|block| original.line(block.span.start)).collect();
        assert_eq!(lines, [3, 11]);
        assert_eq!(&file.text[original.file_bytes(found.blocks[1].span).unwrap()], "Two.");
    }

    #[test]
    fn a_line_of_a_megabyte_is_read() {
        for unit in ["<{", "<i>", "猫睡了"] {
            let line = unit.repeat((1 << 20) / unit.len());
            let expected = if unit == "<i>" { String::new() } else { line.clone() };
            assert_eq!(texts(&subtitles(&[&line]), Layout::Prose, None).concat(), expected);
        }
    }

    #[test]
    fn what_has_no_timings_is_refused() {
        let file = Original::new("a.srt", "1\nOne.\n", ByteMap::shifted(0));
        let message = read(&file, Layout::Prose, None).unwrap_err().to_string();
        assert_eq!(
            message,
            "cannot read `a.srt` as subtitles: there is no line such as `00:00:01,000 --> 00:00:04,000` in it"
        );
    }

    proptest! {
        #[test]
        fn every_word_is_kept_in_order_and_no_number_or_timing(
            cues in prop::collection::vec(prop::collection::vec("[中文一]{1,4}[。，]?", 1..3), 1..12),
        ) {
            let cues: Vec<String> = cues.iter().map(|lines| lines.join("\r\n")).collect();
            let file = subtitles(&cues.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(texts(&file, Layout::Prose, None).concat(), cues.concat().replace("\r\n", ""));
        }

        #[test]
        fn no_text_makes_it_panic(text in "([0-9]{1,2}\n|00:01 --> 00:02\n|[中a<>{}\\\\/i -]{0,9}\n|\n){0,30}") {
            let _ = read(&Original::new("a.srt", text, ByteMap::shifted(0)), Layout::Prose, None);
        }
    }
}
