//! Subtitles (SubRip, WebVTT, SubStation Alpha) → blocks: a sentence each, or a few, put together from as many cues as
//! it goes on over.
//!
//! Numbers, timings and marks of style are left out. Both languages may stand in each cue, a line below the other or on
//! one line, or in cues of the same time: each goes on by itself from cue to cue. Whether a sentence goes on is told by
//! its punctuation; subtitles that are written without it, as most Chinese ones are, have a sentence in each cue.

mod cues;

use self::cues::Line;
pub(super) use self::cues::{ass, srt, vtt};
use super::{
    Blocks, Layout,
    excerpts::{Excerpts, place},
    mixed, paragraphs,
    script::{self, Reading},
};
use crate::{
    document::{Original, Span},
    error::{Error, Result},
    text::Lang,
};

/// The most lines of a sentence that goes on over cues; what goes on longer is a song, or a list.
const LONGEST: usize = 8;

/// Reads subtitles; `only` is the language of all of them, where it is known, and `cues` takes their format apart.
pub(super) fn read(
    file: &Original,
    cues: fn(&Original) -> std::result::Result<Vec<Line>, String>,
    layout: Layout,
    only: Option<Lang>,
) -> Result<(Original, Blocks)> {
    let found = cues(file).map_err(|what| Error::Malformed {
        path: file.name.clone(),
        format: "subtitles",
        what,
        source: None,
    })?;
    let lines: Vec<Span> = file.lines().collect();
    let mut excerpts = Excerpts::default();
    for sentence in sentences(pieces(found, only), layout) {
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

/// A line of a cue, or the part of it in one language.
struct Piece {
    /// The number of the cue, counted from 1.
    cue: usize,
    /// The line of the file, counted from 1.
    line: usize,
    text: String,
    reading: Reading,
}

/// The lines of all cues, each in its language.
fn pieces(lines: Vec<Line>, only: Option<Lang>) -> Vec<Piece> {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let has_both = only.is_none() && mixed::stand_side_by_side(&texts);
    let mut pieces = Vec::new();
    for Line { cue, number: line, text } in lines {
        let parts = if has_both { mixed::side_by_side(&text) } else { None };
        if let Some(parts) = parts {
            pieces.extend(parts.map(|(part, lang)| {
                let text = part.of(&text).trim().to_owned();
                Piece { cue, line, text, reading: Reading::In(lang) }
            }));
        } else {
            let reading = only.map_or_else(|| script::read(&text), Reading::In);
            pieces.push(Piece { cue, line, text, reading });
        }
    }
    pieces
}

/// Whether a line is no part of a sentence over cues: a song, or a sound in brackets.
fn stands_alone(text: &str) -> bool {
    let is_song = text.starts_with(['♪', '♫', '#']) || text.ends_with(['♪', '♫']);
    let brackets = [('(', ')'), ('[', ']'), ('（', '）'), ('【', '】'), ('［', '］')];
    is_song || brackets.iter().any(|&(open, close)| text.starts_with(open) && text.ends_with(close))
}

/// Characters of the longest name before a colon that says who speaks.
const LONGEST_SPEAKER: usize = 16;

/// Whether a line begins with who speaks: `老王：谁呀`, `WANG: Who is it?`, `- Me.`
fn names_speaker(text: &str) -> bool {
    if text.starts_with(['-', '–', '—']) {
        return true;
    }
    let Some((name, _)) = text.split_once(['：', ':']) else { return false };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '·' | '\'' | '’' | '(' | ')' | '（' | '）');
    let is_spoken = name.chars().any(char::is_alphabetic) && !name.chars().any(char::is_lowercase);
    name.chars().count() <= LONGEST_SPEAKER && name.chars().all(is_name) && is_spoken
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
            let is_ended = paragraphs::ends_sentence(&last.text)
                || names_speaker(&piece.text)
                || stands_alone(&last.text)
                || stands_alone(&piece.text);
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
        let (original, blocks) = read(file, srt, layout, only).unwrap();
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
    fn songs_sounds_and_speakers_stay_apart() {
        let cues = [
            "♪ 星星睡了 ♪\r\n♪ The stars sleep ♪",
            "（门铃响）\r\n(DOORBELL)",
            "老王：谁呀\r\nWANG: Who is it?",
            "我\r\nMe",
        ];
        let expected = [
            "♪ 星星睡了 ♪",
            "♪ The stars sleep ♪",
            "（门铃响）",
            "(DOORBELL)",
            "老王：谁呀",
            "WANG: Who is it?",
            "我",
            "Me",
        ];
        assert_eq!(texts(&subtitles(&cues), Layout::Prose, None), expected);
    }

    #[test]
    fn both_languages_may_stand_on_one_line_or_in_cues_of_one_time() {
        let cues = ["你去哪儿了 Where did you go", "在看书 I was reading", "那里很静 It is quiet there", "好的 Okay"];
        let expected = [
            "你去哪儿了",
            "Where did you go",
            "在看书",
            "I was reading",
            "那里很静",
            "It is quiet there",
            "好的",
            "Okay",
        ];
        assert_eq!(texts(&subtitles(&cues), Layout::Prose, None), expected);
        let time = "00:01,000 --> 00:02,000";
        let next = "00:02,000 --> 00:03,000";
        let text = format!("1\n{time}\nI was\n\n1\n{time}\n我走在\n\n2\n{next}\nwalking.\n\n2\n{next}\n路上。\n");
        let file = Original::new("a.srt", text, ByteMap::shifted(0));
        assert_eq!(texts(&file, Layout::Prose, None), ["I was walking.", "我走在路上。"]);
    }

    #[test]
    fn web_vtt_and_sub_station_are_read_without_their_marks() {
        let vtt_file = "WEBVTT - a title\n\nNOTE\nnot this\n\nSTYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.000 align:left\n\
            <v Wang>下雨了。</v>\nIt &amp; rains.\n\n00:02.000 --> 00:03.000\n<c.loud>走吧。</c>\nLet's <00:02.500>go.\n";
        let ass_file = "[Script Info]\nTitle: x\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
            Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not this\n\
            Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\fad(1,2)}下雨了。\\NIt rains, {\\i1}hard{\\i0}.\n\
            Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,走吧。\\NLet's\\hgo.\n";
        let read = |text: &str, cues| {
            let file = Original::new("a", text, ByteMap::shifted(0));
            let (original, blocks) = read(&file, cues, Layout::Prose, None).unwrap();
            blocks.blocks.iter().map(|block| block.span.of(&original.text).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(read(vtt_file, vtt), ["下雨了。", "It & rains.", "走吧。", "Let's go."]);
        assert_eq!(read(ass_file, ass), ["下雨了。", "It rains, hard.", "走吧。", "Let's go."]);
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
        let (original, found) = read(&file, srt, Layout::Prose, None).unwrap();
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
        let message = read(&file, srt, Layout::Prose, None).unwrap_err().to_string();
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
            let file = Original::new("a.srt", text, ByteMap::shifted(0));
            for cues in [srt, vtt, ass] {
                let _ = read(&file, cues, Layout::Prose, None);
            }
        }
    }
}
