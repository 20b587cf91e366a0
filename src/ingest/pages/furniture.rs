//! Lines → which of them are page numbers and running heads, and where pages begin.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::PAGE_END;
use crate::{
    ingest::{paragraphs, plain},
    text::is_han,
};

/// The longest line that is a page number or a running head, in characters.
const LONGEST: usize = 80;

/// Occurrences of a line that says `page`, and of any other with a number, at the least.
const FEWEST_NAMED: usize = 2;
const FEWEST: usize = 3;

/// Share of the occurrences of a line that says no `page` that must stand inside of sentences, as 1 in so many.
const INSIDE_ONE_IN: usize = 3;

/// Share of the pages that have a running head, at the least, as 1 in so many: even and odd pages may have their own, and
/// the first page of a chapter none.
const HEADS_ONE_IN: usize = 3;

/// Lines of head or foot beside the number.
const LINES_OF_HEAD: usize = 2;

/// Characters that stand around a bare number: `- 3 -`, `[3]`, `3 / 40`.
const AROUND: &str = "-–—·•.~|/[]()（）【】 ";

/// Columns of the shortest line of running text, before a page ends; headings are shorter.
const SHORTEST: usize = 20;

/// The lines that are no text.
#[derive(Debug, Default)]
pub(super) struct Furniture {
    lines: HashSet<usize>,
    /// Lines that begin with a form feed.
    begins: HashSet<usize>,
}

/// The lines of a file that are not blank, and their shapes.
struct Text<'t> {
    lines: &'t [&'t str],
    /// The lines that are not blank, by number.
    filled: Vec<usize>,
    shapes: Vec<String>,
    begins: HashSet<usize>,
}

impl Text<'_> {
    fn line(&self, place: usize) -> &str {
        self.lines[self.filled[place]]
    }
}

/// How often lines of a shape occur, and where the first one stands among the lines of text.
#[derive(Debug, Clone, Copy)]
struct Occurrences {
    count: usize,
    first: usize,
}

impl Furniture {
    pub(super) fn of(lines: &[&str]) -> Self {
        let filled: Vec<usize> = (0..lines.len()).filter(|&index| !plain::is_blank(lines[index])).collect();
        let begins = (0..lines.len()).filter(|&index| lines[index].trim_matches(' ').starts_with(PAGE_END)).collect();
        let shapes = filled.iter().map(|&index| shape(lines[index])).collect();
        let text = Text { lines, filled, shapes, begins };
        let mut occurrences: HashMap<&str, Occurrences> = HashMap::new();
        let mut by_shape: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, shape) in text.shapes.iter().enumerate() {
            occurrences.entry(shape).or_insert(Occurrences { count: 0, first: place }).count += 1;
            if shape.contains('#') && shape.chars().count() <= LONGEST {
                by_shape.entry(shape).or_default().push(place);
            }
        }
        let mut found = Self { lines: HashSet::new(), begins: text.begins.clone() };
        for (shape, places) in by_shape {
            if is_of_pages(shape, &places, &text) {
                found.lines.extend(places.iter().map(|&place| text.filled[place]));
                found.add_heads(&places, &text, &occurrences);
            }
        }
        found
    }

    /// Whether the file has no pages.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.begins.is_empty()
    }

    /// Whether a line is no text.
    pub(super) fn holds(&self, line: usize) -> bool {
        self.lines.contains(&line)
    }

    /// Whether a form feed stands before a line.
    pub(super) fn begins_page(&self, line: usize) -> bool {
        self.begins.contains(&line)
    }

    /// Adds the lines beside page numbers at `places` that come again on most pages. The first of them may be the title of
    /// the whole, from which they are made; it is text where it stands in no sentence.
    fn add_heads(&mut self, places: &[usize], text: &Text<'_>, occurrences: &HashMap<&str, Occurrences>) {
        let inner = places.iter().filter(|&&place| place > 0 && place + 1 < text.filled.len()).count();
        for step in [-1_isize, 1] {
            let mut edges: Vec<usize> = places.to_vec();
            for _ in 0..LINES_OF_HEAD {
                let mut by_shape: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
                for place in edges {
                    if let Some(beside) = place.checked_add_signed(step).filter(|&at| at < text.filled.len()) {
                        by_shape.entry(&text.shapes[beside]).or_default().push(beside);
                    }
                }
                by_shape.retain(|shape, places| {
                    let is_short = shape.chars().count() <= LONGEST;
                    // Elsewhere it stands as the title, if at all, and on pages that lack their number.
                    let most = places.len() + places.len() / 4 + 1;
                    let comes_again = occurrences.get(shape).is_some_and(|it| (2..=most).contains(&it.count));
                    is_short && comes_again && places.len() * HEADS_ONE_IN >= inner && !ends_like_text(shape)
                });
                edges = by_shape.into_values().flatten().collect();
                let is_title = |place: usize| {
                    let is_first = occurrences.get(&*text.shapes[place]).is_some_and(|it| it.first == place);
                    // Before it stands the page number, and before that the last line of text.
                    let before = place.checked_sub(2).map(|before| text.line(before));
                    is_first && before.is_none_or(paragraphs::ends_sentence)
                };
                let heads = edges.iter().filter(|&&place| !is_title(place));
                self.lines.extend(heads.map(|&place| text.filled[place]));
            }
        }
    }
}

/// A sentence that comes again, such as a refrain, is text.
fn ends_like_text(shape: &str) -> bool {
    shape.ends_with(['。', '！', '？', '!', '?'])
}

/// A line with `#` for each number in it, in small letters and without needless space.
fn shape(line: &str) -> String {
    let mut shape = String::new();
    let mut in_number = false;
    for word in line.split_whitespace() {
        if !shape.is_empty() {
            shape.push(' ');
            in_number = false;
        }
        for c in word.chars() {
            let is_digit = c.is_ascii_digit() || ('０'..='９').contains(&c);
            match (is_digit, in_number) {
                (true, true) => {}
                (true, false) => shape.push('#'),
                (false, _) => shape.extend(c.to_lowercase()),
            }
            in_number = is_digit;
        }
    }
    shape
}

/// The numbers of a line, in order.
fn numbers(line: &str) -> Vec<usize> {
    let digit = |c: char| match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        c => Some(c).filter(char::is_ascii_digit),
    };
    let plain: String = line.chars().map(|c| digit(c).unwrap_or(' ')).collect();
    plain.split_ascii_whitespace().map(|number| number.parse().unwrap_or(0)).collect()
}

/// Whether lines of this shape, at these places among the lines of text, are page numbers.
fn is_of_pages(shape: &str, places: &[usize], text: &Text<'_>) -> bool {
    let is_named = says_page(shape);
    if places.len() < if is_named { FEWEST_NAMED } else { FEWEST } || ends_like_text(shape) {
        return false;
    }
    let found: Vec<Vec<usize>> = places.iter().map(|&place| numbers(text.line(place))).collect();
    let count = found.iter().map(Vec::len).min().unwrap_or(0);
    let grows = (0..count).any(|at| {
        let steps = found.windows(2).filter(|pair| (1..=2).contains(&pair[1][at].saturating_sub(pair[0][at]))).count();
        // A text in two languages may have its pages twice.
        2 * steps >= found.len() - 1
    });
    if !grows || is_named {
        return grows;
    }
    // Lines that follow each other are a list, and `12 bottles` is an item of one.
    let is_apart = places.windows(2).all(|pair| pair[1] - pair[0] > 2);
    let is_bare = shape.chars().all(|c| c == '#' || AROUND.contains(c));
    let is_at_edge = |&&place: &&usize| {
        let next = [text.filled.get(place), text.filled.get(place + 1)];
        next.into_iter().flatten().any(|index| text.begins.contains(index)) || is_inside_sentence(place, text)
    };
    is_apart
        && (is_bare || !shape.starts_with('#'))
        && places.iter().filter(is_at_edge).count() * INSIDE_ONE_IN >= places.len()
}

/// Whether the sentence of the line before that at `place` goes on after it, or after a head that follows.
fn is_inside_sentence(place: usize, text: &Text<'_>) -> bool {
    let goes_on = |c: char| c.is_lowercase() || is_han(c);
    let is_open = |line: &str| {
        let ends = line.trim_end().ends_with(|c: char| goes_on(c) || "，、,-".contains(c));
        ends && paragraphs::columns(line) >= SHORTEST
    };
    let after = place + 1..text.filled.len().min(place + 2 + LINES_OF_HEAD);
    place.checked_sub(1).is_some_and(|before| is_open(text.line(before)))
        && after.into_iter().any(|after| text.line(after).starts_with(goes_on))
}

/// Whether a line says that its number is that of a page.
fn says_page(shape: &str) -> bool {
    let bare = shape.trim_matches(|c| AROUND.contains(c));
    let chinese = ["第#页", "第 # 页", "第#頁", "第 # 頁"];
    let english = ["page #", "p. #", "pg. #"];
    chinese.iter().any(|page| shape.contains(page))
        || english.iter().any(|page| bare.starts_with(page) || bare.ends_with(page))
        || bare == "# of #"
}
