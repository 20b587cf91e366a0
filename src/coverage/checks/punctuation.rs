//! The check of quotation marks and brackets: whether each has its other half.
//!
//! Speech and remarks go over several sentences, so a mark may be closed by a later sentence of its side. And a
//! translation keeps the habits of its source: where as many marks of a kind stand alone on the other side too, as in
//! speech that every paragraph opens anew, nothing is told.

use std::ops::Range;

use crate::both::Both;

/// The number of sentences after which a mark is not expected to be closed any more.
const FARTHEST: usize = 20;

/// What a mark is used for: a side may have others for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Quotation,
    Bracket,
    Title,
}

/// Which half a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Opening,
    Closing,
    /// A straight quotation mark, which is either.
    Either,
}

/// A mark in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// The index of its shape in [`SHAPES`].
    shape: usize,
    half: Half,
    /// Whether it is a straight quotation mark.
    is_straight: bool,
    /// Its bytes.
    place: Range<usize>,
}

/// The opening and the closing half of each shape, in every width, and what it is used for.
const SHAPES: [(&str, &str, Use); 11] = [
    ("“„", "”", Use::Quotation),
    ("「", "」", Use::Quotation),
    ("『", "』", Use::Quotation),
    ("‘", "’", Use::Quotation),
    ("(（", ")）", Use::Bracket),
    ("[［", "]］", Use::Bracket),
    ("{｛", "}｝", Use::Bracket),
    ("【", "】", Use::Bracket),
    ("〔", "〕", Use::Bracket),
    ("《", "》", Use::Title),
    ("〈", "〉", Use::Title),
];

/// The shape that straight quotation marks have a half of.
const DOUBLE: usize = 0;
const SINGLE: usize = 3;
const ROUND: usize = 4;
const SQUARE: usize = 5;

/// The marks of a Chinese text.
pub(super) fn in_chinese(text: &str) -> Vec<Mark> {
    marks(text, true)
}

/// The marks of an English text; single quotation marks are apostrophes too, and are not looked at.
pub(super) fn in_english(text: &str) -> Vec<Mark> {
    marks(text, false)
}

fn marks(text: &str, with_single: bool) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut before = None;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            before = Some(c);
            continue;
        }
        let place = at..at + c.len_utf8();
        let after = text[place.end..].chars().next();
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let found = if c == '"' || c == '＂' {
            // The sign of inches and seconds.
            let is_inches = before.is_some_and(|c: char| c.is_ascii_digit())
                && marks.last().is_none_or(|mark| mark.shape != DOUBLE || mark.half == Half::Closing);
            (!is_inches).then(|| (DOUBLE, straight_half(before, after)))
        } else {
            let of = |half: Half| {
                move |(opening, closing, _): &(&str, &str, Use)| match half {
                    Half::Opening => opening.contains(c),
                    _ => closing.contains(c),
                }
            };
            let opening = SHAPES.iter().position(of(Half::Opening)).map(|shape| (shape, Half::Opening));
            opening.or_else(|| SHAPES.iter().position(of(Half::Closing)).map(|shape| (shape, Half::Closing)))
        };
        let is_apostrophe = |shape: usize| shape == SINGLE && (!with_single || is_word(before));
        if let Some((shape, half)) = found.filter(|&(shape, _)| !is_apostrophe(shape) && !is_face(text, at)) {
            marks.push(Mark { shape, half, is_straight: "\"＂".contains(c), place });
        }
        before = Some(c);
    }
    without_enumerators(text, with_odd_straight(marks))
}

/// The marks without the straight quotation marks that are two by two in the text; of an odd number the one that the
/// others leave, by what stands around them.
fn with_odd_straight(mut marks: Vec<Mark>) -> Vec<Mark> {
    let is_straight = |mark: &Mark| mark.is_straight;
    let mut left: Option<usize> = None;
    if marks.iter().filter(|mark| is_straight(mark)).count() % 2 == 1 {
        let mut open: Vec<usize> = Vec::new();
        for (at, mark) in marks.iter().enumerate().filter(|(_, mark)| is_straight(mark)) {
            match mark.half {
                Half::Closing if open.is_empty() => left = left.or(Some(at)),
                Half::Either if open.is_empty() => open.push(at),
                Half::Closing | Half::Either => drop(open.pop()),
                Half::Opening => open.push(at),
            }
        }
        left = left.or(open.pop());
    }
    let mut at = 0;
    marks.retain(|mark| {
        at += 1;
        !mark.is_straight || left == Some(at - 1)
    });
    marks
}

/// Which half a straight quotation mark is, as far as what stands around it tells.
fn straight_half(before: Option<char>, after: Option<char>) -> Half {
    let is_apart = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || "([{-—–".contains(c));
    let ends = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || ")]},.;:!?-—–".contains(c));
    match (is_apart(before), ends(after)) {
        (true, false) if after.is_some_and(|c| c.is_ascii_alphanumeric()) => Half::Opening,
        (false, true) if before.is_some_and(|c| c.is_ascii_graphic()) && after.is_some() => Half::Closing,
        _ => Half::Either,
    }
}

/// Whether a bracket is the mouth of a face: `:)`, `;-(`.
fn is_face(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(['-', '\'']);
    text[at..].starts_with(['(', ')']) && at - before.len() < 2 && before.ends_with([':', ';', '=']) && {
        let eyes = before.len() - 1;
        text[..eyes].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric())
    }
}

/// The marks without the brackets behind `1)` and `a)` at the beginning of an item, and without those of half-open
/// intervals, `[0, 1)`.
fn without_enumerators(text: &str, marks: Vec<Mark>) -> Vec<Mark> {
    let mut open = 0_usize;
    let mut kept: Vec<Mark> = Vec::new();
    for mark in marks {
        let is_round_or_square = mark.shape == ROUND || mark.shape == SQUARE;
        if is_round_or_square && mark.half == Half::Closing {
            let is_interval = kept.last().is_some_and(|last| {
                let within = text.get(last.place.end..mark.place.start).unwrap_or_default();
                let is_other =
                    last.half == Half::Opening && last.shape != mark.shape && last.shape.abs_diff(mark.shape) == 1;
                is_other && within.len() < 40 && within.contains([',', '，']) && within.chars().all(in_interval)
            });
            if is_interval {
                kept.pop();
                continue;
            }
        }
        if mark.shape == ROUND && mark.half == Half::Closing && open == 0 && enumerates(&text[..mark.place.start]) {
            continue;
        }
        if mark.shape == ROUND {
            open = if mark.half == Half::Opening { open + 1 } else { open.saturating_sub(1) };
        }
        kept.push(mark);
    }
    kept
}

fn in_interval(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_whitespace() || ",，.+-−∞π/".contains(c)
}

/// Whether a text ends in the number or letter of an item.
fn enumerates(before: &str) -> bool {
    let is_item = |c: &char| c.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(*c);
    let length: usize = before.chars().rev().take(4).take_while(is_item).map(char::len_utf8).sum();
    let rest = &before[..before.len() - length];
    let is_apart = rest.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    length > 0 && is_apart && before.len() - rest.len() <= 9
}

/// A mark that stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unpaired {
    purpose: Use,
    place: Range<usize>,
}

impl Unpaired {
    /// The marks that stand alone in each of some neighbouring sentences of one side, of which these are the marks.
    pub(super) fn of<'m>(sentences: impl IntoIterator<Item = &'m [Mark]>) -> Vec<Vec<Self>> {
        let mut alone: Vec<Vec<Self>> = Vec::new();
        let mut open: [Vec<(usize, &Mark)>; SHAPES.len()] = [const { Vec::new() }; SHAPES.len()];
        let tell = |mark: &Mark| Self { purpose: SHAPES[mark.shape].2, place: mark.place.clone() };
        for (sentence, marks) in sentences.into_iter().enumerate() {
            alone.push(Vec::new());
            for mark in marks {
                let open = &mut open[mark.shape];
                let is_near = open.last().is_some_and(|&(opened, _)| sentence - opened <= FARTHEST);
                match mark.half {
                    Half::Closing | Half::Either if is_near => drop(open.pop()),
                    Half::Closing => alone[sentence].push(tell(mark)),
                    Half::Opening | Half::Either => open.push((sentence, mark)),
                }
            }
        }
        for (sentence, mark) in open.into_iter().flatten() {
            alone[sentence].push(tell(mark));
        }
        for marks in &mut alone {
            marks.sort_by_key(|mark| mark.place.start);
        }
        alone
    }

    /// Whether its other half is expected in the same sentences, and not in those around them.
    pub(super) fn is_local(&self) -> bool {
        self.purpose != Use::Quotation
    }

    /// The mark in a text that has so many bytes before that of its sentence.
    pub(super) fn shifted(&self, bytes: usize) -> Self {
        Self { place: self.place.start + bytes..self.place.end + bytes, ..self.clone() }
    }
}

/// Where marks of one side of a pair stand alone, and not as many of the other side do.
pub(super) fn of_one_side(unpaired: &Both<Vec<Unpaired>>) -> Both<Vec<Range<usize>>> {
    let counts =
        |purpose: Use| unpaired.as_ref().map(|marks| marks.iter().filter(|mark| mark.purpose == purpose).count());
    let is_told = |purpose: Use| {
        let Both { source, target } = counts(purpose);
        Both::new(source > target, target > source)
    };
    let told = [Use::Quotation, Use::Bracket, Use::Title].map(|purpose| (purpose, is_told(purpose)));
    let places = |marks: &[Unpaired], is_told: &dyn Fn(Use) -> bool| {
        marks.iter().filter(|mark| is_told(mark.purpose)).map(|mark| mark.place.clone()).collect()
    };
    let find =
        |purpose: Use| told.iter().find(|(other, _)| *other == purpose).map_or_else(Both::default, |(_, told)| *told);
    Both::new(
        places(&unpaired.source, &|purpose| find(purpose).source),
        places(&unpaired.target, &|purpose| find(purpose).target),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The marks that stand alone in a pair, as `Chinese|English`.
    fn alone(chinese: &str, english: &str) -> String {
        let marks = Both::new(in_chinese(chinese), in_english(english));
        let unpaired = marks.map(|marks| Unpaired::of([marks.as_slice()]).into_iter().flatten().collect());
        let texts = Both::new(chinese, english).zip(of_one_side(&unpaired));
        let shown =
            texts.map(|(text, places)| places.into_iter().map(|place| &text[place]).collect::<Vec<_>>().join(" "));
        format!("{}|{}", shown.source, shown.target)
    }

    #[test]
    fn a_mark_without_its_other_half_is_told_where_the_other_side_has_none() {
        for (chinese, english, expected) in [
            ("“走吧。”他说。", "“Let’s go,” he said.", "|"),
            ("“走吧。”他说。", "“Let’s go, he said.", "|“"),
            ("“走吧。他说。", "\"Let's go,\" he said.", "“|"),
            ("“走吧。", "\"Let's go.", "|"),
            ("走吧。”", "Let's go.\"", "|"),
            ("走（不远。", "Walk (not far).", "（|"),
            ("走（不远)。", "Walk (not far.", "|("),
            ("《红楼梦第一回", "Dream of the Red Chamber, 1", "《|"),
            ("1) 打开", "1) Open it", "|"),
            ("打开", "a) Open it, b) close it", "|"),
            ("打开。", "Open it :) please", "|"),
            ("取值于[0, 1)。", "in the range from 0 to 1", "|"),
            ("屏幕5寸", "a 5\" screen", "|"),
            ("他说:\"走\"。", "He said, \"Go.", "|\""),
            ("他说：「走『快』。", "He said, “Go ‘fast’.”", "「|"),
            ("O’Neil 说：‘走。", "O’Neil’s ‘Go’.", "‘|"),
        ] {
            assert_eq!(alone(chinese, english), expected, "{chinese} | {english}");
        }
    }

    #[test]
    fn speech_may_end_in_a_later_sentence() {
        let texts = ["“A.", "B.”", "“C.", "D.", "E.)"];
        let marks: Vec<_> = texts.iter().map(|text| in_english(text)).collect();
        let alone: Vec<_> = Unpaired::of(marks.iter().map(Vec::as_slice)).iter().map(Vec::len).collect();
        assert_eq!(alone, [0, 0, 1, 0, 1]);
        let far = [&["(".to_owned()][..], &vec![String::new(); FARTHEST], &[")".to_owned()]].concat();
        let marks: Vec<_> = far.iter().map(|text| in_english(text)).collect();
        assert_eq!(Unpaired::of(marks.iter().map(Vec::as_slice)).iter().flatten().count(), 2);
    }
}
