//! English paragraphs → where their sentences end.
//!
//! The sentence boundaries of Unicode (UAX 29) are where a sentence may end; most of what is here says where one does
//! not: behind abbreviations, initials and list numbers, in datelines, and between a quote and who said it.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    abbreviations::{self, Stop},
    notes,
};

/// Words of a dateline, `China News Agency, Beijing, Feb. 5.`, at most.
const LONGEST_DATELINE: usize = 10;

/// Words after a quote among which a verb of speech makes them its attribution: `Mr. Smith finally replied`.
const ATTRIBUTION: usize = 4;

/// Bytes of the longest dateline, and of the longest number of a list or caption with its brackets. All of a sentence,
/// again at each of its marks, would make a long one cost its length squared.
const LONGEST_DATELINE_BYTES: usize = 200;
const LONGEST_LABEL: usize = 40;

/// Characters between words that Unicode's rules are asked about as they are; of longer runs the first and the last half.
const LONGEST_RUN: usize = 64;

/// What stands before the number of a caption or heading.
const CAPTIONS: [&str; 8] = ["Figure ", "Fig. ", "Table ", "Chapter ", "Section ", "Part ", "Appendix ", "Step "];

/// Bytes of the longest list or caption number, `12.34`; longer ones are years and amounts.
const LONGEST_NUMBER: usize = 5;

/// Verbs that attribute the quote before them.
const SPEECH: &str = " said says asked asks replied answered added cried shouted exclaimed whispered muttered continued \
demanded murmured yelled called told wrote thought wondered ";

/// The dashes before what each speaker says: `- Are you hungry? - No.`
const DASHES: [char; 3] = ['-', '–', '—'];

/// Where sentences of `text` end, as byte positions in order; the end of the text may be missing.
pub(super) fn sentence_ends(text: &str) -> Vec<usize> {
    let text = without_line_breaks(text);
    let numbers = notes::numbers_in_english(&text);
    let mut ends = Vec::new();
    let (mut start, mut counted) = (0, 0);
    // Straight quotes look the same at both ends; they take turns.
    let mut inside_quotes = false;
    for end in candidates(&text, &numbers) {
        inside_quotes ^= text[counted..end].matches('"').count() % 2 == 1;
        counted = end;
        let is_numbered = numbers.binary_search(&(start + text[start..end].trim_end().len())).is_ok();
        if is_sentence_end(&text, start, end, inside_quotes, is_numbered) {
            ends.push(end);
            start = end;
        }
    }
    ends
}

/// The text with spaces for line breaks, which Unicode takes for ends. Every position stays the same.
fn without_line_breaks(text: &str) -> String {
    let same_length = |c| match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' => ' ',
        '\u{85}' => '\u{a0}',
        '\u{2028}' | '\u{2029}' => '\u{2003}',
        other => other,
    };
    text.chars().map(same_length).collect()
}

/// Positions where a sentence may end: those of Unicode, and four it does not know, behind `…`, behind notes
/// (`end.[1]`), behind a quote that closes after a space (`end. " `) and before the next speaker's dash.
fn candidates(text: &str, numbers: &[usize]) -> Vec<usize> {
    let mut candidates = unicode_boundaries(text);
    for (at, mark) in text.match_indices(['…', ']']) {
        let end = at + mark.len();
        let end = end + (text[end..].len() - text[end..].trim_start_matches(is_closing).len());
        let space = text[end..].len() - text[end..].trim_start().len();
        if space > 0 && (mark == "…" || notes::without(&text[..end], false).len() < end) {
            candidates.push(end + space);
        }
    }
    for (at, mark) in text.match_indices(" \" ").chain(text.match_indices(" ” ")) {
        if text[..at].trim_end_matches(is_closing).ends_with(['.', '!', '?', '…']) {
            candidates.push(at + mark.len());
        }
    }
    if text.trim_start().starts_with(DASHES) {
        let dashes = text.match_indices(DASHES).filter(|&(at, dash)| {
            let (before, after) = (text[..at].trim_end_matches(is_closing), text[at + dash.len()..].trim_start());
            let is_alone = text[..at].ends_with(char::is_whitespace) && !after.starts_with(char::is_lowercase);
            is_alone && before.trim_end().ends_with(['.', '!', '?', '…'])
        });
        candidates.extend(dashes.map(|(at, _)| at));
    }
    for &end in numbers {
        candidates.push(end + (text[end..].len() - text[end..].trim_start().len()));
    }
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}

/// Where sentences may end according to Unicode.
///
/// At each closing mark and each space behind a full stop the rule SB8 looks ahead for a small letter: in a run of them, to
/// the end of the run again and again. So the middle of a long run is left out, inside which nothing ends.
fn unicode_boundaries(text: &str) -> Vec<usize> {
    let mut short = String::new();
    // Where something was left out in `short`, and where `text` goes on there.
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    let (mut run, mut kept) = (Vec::new(), 0);
    for (at, c) in text.char_indices().chain([(text.len(), 'x')]) {
        if !c.is_alphanumeric() && !matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？') {
            run.push(at);
            continue;
        }
        if run.len() > LONGEST_RUN {
            short.push_str(&text[kept..run[LONGEST_RUN / 2]]);
            kept = run[run.len() - LONGEST_RUN / 2];
            cuts.push((short.len(), kept));
        }
        run.clear();
    }
    short.push_str(&text[kept..]);
    let in_text = |at: usize| match cuts[..cuts.partition_point(|&(cut, _)| cut <= at)].last() {
        Some(&(cut, goes_on)) => goes_on + (at - cut),
        None => at,
    };
    short.split_sentence_bound_indices().map(|(at, _)| at).filter(|&at| at > 0).map(in_text).collect()
}

/// Whether the sentence from `start` ends at one of the candidates, `end`.
fn is_sentence_end(text: &str, start: usize, end: usize, inside_quotes: bool, numbered: bool) -> bool {
    let sentence = text[start..end].trim_end();
    let following = &text[end..];
    let body = notes::without(sentence, numbered).trim_end_matches(|c: char| is_closing(c) || c.is_whitespace());
    let Some(mark) = body.chars().next_back() else { return false };
    if matches!(mark, '。' | '！' | '？') {
        return true;
    }
    // No space: inside a word, an address, or before the rest of a mark.
    if sentence.len() == end - start || following.is_empty() {
        return false;
    }
    let next_word = following.split_whitespace().next().unwrap_or("");
    if next_word == "”" || (next_word == "\"" && inside_quotes) {
        return false;
    }
    let bare = next_word.trim_start_matches(|c: char| !c.is_alphanumeric());
    if bare.starts_with(char::is_lowercase) && !next_word.starts_with(['•', '-', '*']) {
        return false;
    }
    match mark {
        '.' => body.ends_with("..") || ends_at_full_stop(body, bare),
        '!' | '?' | '…' => !(sentence.ends_with(['"', '”', '’', '\'']) && is_attribution(following)),
        _ => true,
    }
}

/// Whether the full stop at the end of `sentence` ends it, with `next` as the following word.
fn ends_at_full_stop(sentence: &str, next: &str) -> bool {
    if is_list_number(sentence) || is_dateline(sentence) {
        return false;
    }
    let word =
        sentence.trim_end_matches('.').rsplit(|c: char| c.is_whitespace() || matches!(c, '—' | '–' | '/')).next();
    let word = word.unwrap_or("").trim_start_matches(|c: char| !c.is_alphanumeric());
    // `A` starts sentences, but not in `H. L. A. Hart`.
    let is_initial = next.len() == 2 && next.ends_with('.');
    let next = next.trim_end_matches(|c: char| !c.is_alphanumeric());
    let next = next.split(['\'', '’', '-', ',']).next().unwrap_or("");
    match abbreviations::stop_after(word) {
        Stop::Never => false,
        Stop::NotBeforeNumber => !next.starts_with(|c: char| c.is_ascii_digit()),
        Stop::BeforeStarter => abbreviations::is_starter(next) && !is_initial,
        Stop::NotBeforeDate => !abbreviations::is_date(next),
        Stop::Always => true,
    }
}

/// Whether the sentence so far is only the number of what follows: `1.`, `(2).`, `IV.`, `B.`, `Figure 1.2.`
fn is_list_number(sentence: &str) -> bool {
    let sentence = sentence.trim();
    if sentence.len() > LONGEST_LABEL {
        return false;
    }
    let number = CAPTIONS.iter().find_map(|caption| sentence.strip_prefix(caption)).unwrap_or(sentence);
    let number = number.trim().trim_matches(|c: char| matches!(c, '.' | '(' | ')' | '[' | ']'));
    let digits = number.len() <= LONGEST_NUMBER
        && number.split('.').all(|part| part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()));
    let roman = number.len() <= 4 && number.chars().all(|c| "IVXivx".contains(c));
    digits || roman || (number.len() == 1 && number.chars().all(char::is_alphabetic))
}

/// Whether the sentence so far is the place and day that open a report: capitalised words, a month, a day.
fn is_dateline(sentence: &str) -> bool {
    if sentence.len() > LONGEST_DATELINE_BYTES {
        return false;
    }
    let words: Vec<&str> = sentence.split_whitespace().take(LONGEST_DATELINE + 1).collect();
    let [.., month, day] = words.as_slice() else { return false };
    let day = day.trim_end_matches('.');
    words.len() <= LONGEST_DATELINE
        && (1..=2).contains(&day.len())
        && day.bytes().all(|byte| byte.is_ascii_digit())
        && abbreviations::is_month(month.trim_end_matches(['.', ',']).trim_start_matches(['(', '-', '—']))
        && words.iter().all(|word| !word.starts_with(char::is_lowercase))
}

/// Whether what follows a quote says who spoke: `John Smith asked.`
fn is_attribution(following: &str) -> bool {
    let mut words = following.split_whitespace().take(ATTRIBUTION);
    let Some(first) = words.next() else { return false };
    !abbreviations::is_starter(first)
        && !first.starts_with(|c: char| !c.is_alphanumeric())
        && words.any(|word| {
            let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
            SPEECH.split_ascii_whitespace().any(|verb| verb == word)
        })
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | ')' | '»' | '*' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that the text, without the bars, is cut where the bars are.
    fn check(cases: &[&str]) {
        for case in cases {
            let text = case.replace('|', "");
            let mut marked = text.clone();
            for end in sentence_ends(&text).into_iter().rev().filter(|&end| end < text.len()) {
                marked.insert(end, '|');
            }
            assert_eq!(marked, *case);
        }
    }

    #[test]
    fn plain_sentences_end_at_their_marks() {
        check(&[
            "It rained. |We left! |Why? |Nobody knew.",
            "It rained.  |We left.\n|Why?",
            "What?! |No!!! |Never.",
            "It rained and rained... |Then we left.",
            "It rained and rained… |Then we left.",
            "Well... maybe… not now.",
        ]);
    }

    #[test]
    fn each_speaker_has_a_dash() {
        check(&[
            "- Are you hungry? |- No. |-Then come!",
            "– Who is it? – he asked. |– Me.",
            "All is well. - A proverb",
            "- At 5 p.m. |- Fine.",
        ]);
    }

    #[test]
    fn abbreviations_end_no_sentence() {
        check(&[
            "Mr. Lee met Dr. Wang and Prof. Li. |They talked.",
            "Fruit, e.g. Apples, i.e. Malus, is cheap. |Buy some.",
            "See Fig. 3 and No. 5 on pp. 7 and 8. |They differ.",
            "The answer was no. |Then he left.",
            "He was born on Jan. 3 and left in Feb. |He never came back.",
            "Acme Inc. President Lee left Acme Inc. |He was tired.",
            "The U.S. President left the U.S. |The crowd stayed.",
            "We came to Washington, D.C. |It was cold.",
            "Trade with the U.K. Government grew. |Tom was glad.",
            "We bought pens, ink, etc. |Paper was cheap.",
            "King Henry vs. Queen Mary. |Who won?",
        ]);
    }

    #[test]
    fn times_of_day_end_a_sentence_unless_a_day_follows() {
        check(&[
            "It starts at 5 p.m. |He left.",
            "It starts at 5 p.m. Monday. |He left.",
            "At 5 a.m. Beijing time it starts. |Go.",
        ]);
    }

    #[test]
    fn initials_stay_with_their_name() {
        check(&[
            "J. K. Rowling wrote it. |J.R.R. Tolkien did not.",
            "We read H. L. A. Hart. |A day passed.",
            "John F. Kennedy spoke. |So did I. |We left.",
        ]);
    }

    #[test]
    fn decimals_and_addresses_are_whole() {
        check(&[
            "It cost 3.14 dollars. |See www.a.com or file.txt. |Version 2.0 is out.",
            "It grew by 3.5. |In 2020 it fell.",
        ]);
    }

    #[test]
    fn a_dateline_stays_with_its_sentence() {
        check(&[
            "Daily News, Shanghai, Feb. 5. On Feb. 4, Chinese scientists left. |They sailed.",
            "Shanghai, May 5. The river rose. |Nobody was hurt.",
            "The river rose on May 5. |Nobody was hurt.",
        ]);
    }

    #[test]
    fn quotes_close_with_their_sentence() {
        check(&[
            "He said, \"It rained.\" |We left.",
            "He said, “It rained.” |We left. |“Why?” |“It rained.”",
            "(It rained.) |We left.",
            "He said, \"It rained. |We ran. \" |We left. |\" Why? \" |Nobody knew.",
            "It rained.[1] |We left.[2, 3] |Why?",
        ]);
    }

    #[test]
    fn a_quote_stays_with_who_said_it() {
        check(&[
            "\"Why?\" he said. |\"It rained!\" John asked. |We left.",
            "“Why?” Mr. Lee finally asked. |“Stop!” She ran.".replace("Stop!” ", "Stop!” |").as_str(),
        ]);
    }

    #[test]
    fn list_numbers_stay_with_their_text() {
        check(&[
            "1. The river rose. |2. The bridge fell.",
            "a) The river rose. |B. The bridge fell. |IV. The End.",
            "Figure 1.2. The river. |Table 3. Bridges.",
        ]);
    }

    /// Were a step quadratic in the length, this would take minutes.
    #[test]
    fn any_line_takes_time_by_its_length() {
        const LENGTH: usize = 200_000;
        let long = format!("He left.{}\u{201d}{}She stayed. {}", " ".repeat(99), " ".repeat(99), ")".repeat(999));
        assert_eq!(sentence_ends(&format!("It rained. {long} Why?"))[..2], [11, 11 + 8 + 99 + 3 + 99]);
        for (once, again) in [
            (&*"x".repeat(LENGTH), " Mr. A"),
            (&"(".repeat(LENGTH), " Mr. A"),
            ("a", "] "),
            ("a", "… b] "),
            ("A.", ")"),
            ("A.", " "),
            ("A.", "\""),
            ("A. ", "1 "),
            ("A. ", ", "),
            ("- A. ", "- "),
            ("A. ", "\" ” "),
            ("", "."),
            ("", "[1]"),
            ("", "a.1 "),
        ] {
            let text = format!("{once}{}", again.repeat(LENGTH / again.len()));
            assert!(sentence_ends(&text).is_sorted(), "{again}");
        }
    }

    #[test]
    fn a_line_break_ends_nothing() {
        check(&["The river\nrose. |The bridge\r\nfell.", "It rained in\nApril. |We\u{2028}left."]);
    }
}
