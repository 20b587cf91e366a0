//! Pinned beads from an alignment file.
//!
//! In come beads by the numbers of their sentences, as [`evaluate`](crate::evaluate) reads them; out comes what the
//! aligner keeps. A bead that does not fit the sentences is an error that names it: it was made for other texts, or
//! by another way of cutting them.

use std::collections::BTreeMap;

use super::PinnedBeads;
use crate::{
    align::pinned::{Clash, Pinned},
    bead::Run,
    both::Both,
    document::Sentences,
    error::{Error, Result},
    evaluate::Link,
};

/// The most sentences of a pinned bead, both sides together. The longest of gold alignments have a quarter of it;
/// beyond it a file is damaged or not an alignment.
const LONGEST: usize = 100;

/// What is known of the sentences of a document before they are compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Known {
    /// The sentences that were left in the other language, by index.
    pub(super) untranslated: Both<Vec<usize>>,
    /// The row of a table that each sentence stands in.
    pub(super) rows: Both<Vec<Option<usize>>>,
    /// Whether each sentence is a heading.
    pub(super) headings: Both<Vec<bool>>,
}

/// What is pinned of `sentences`: the beads of a file; and of sentences that are in none of these, each alone, those that
/// were left in the other language. Of a row that no bead of the file is in, the sentences belong together: one of each
/// side as a pair, more as a closed stretch, and those without any of the other side alone.
pub(super) fn fix(sentences: &Both<Sentences>, beads: Option<&PinnedBeads<'_>>, known: &Known) -> Result<Pinned> {
    let beads = beads.unwrap_or(&PinnedBeads { path: "", links: &[] });
    let misfit = |link: &Link, what: String| Error::Misfit { path: beads.path.to_owned(), bead: shown(link), what };
    let runs = beads.links.iter().map(|link| runs(sentences, link).map_err(|what| misfit(link, what)));
    let mut runs = runs.collect::<Result<Vec<_>>>()?;
    let lengths = sentences.as_ref().map(Sentences::len);
    let mut taken = lengths.map(|length| vec![false; length]);
    for bead in &runs {
        taken.source[bead.source.range()].fill(true);
        taken.target[bead.target.range()].fill(true);
    }
    let alone = |index: usize| Run::new(index, index + 1);
    let rows = rows(&known.rows);
    let whole = rows.into_iter().filter(|row| {
        let is_free = |taken: &[bool], run: Run| !taken[run.range()].contains(&true);
        is_free(&taken.source, row.source) && is_free(&taken.target, row.target)
    });
    let whole: Vec<Both<Run>> = whole.collect();
    for &index in known.untranslated.source.iter().filter(|&&index| !taken.source[index]) {
        runs.push(Both::new(alone(index), Run::default()));
    }
    for &index in known.untranslated.target.iter().filter(|&&index| !taken.target[index]) {
        runs.push(Both::new(Run::default(), alone(index)));
    }
    let is_stray = known.untranslated.as_ref().zip(lengths).map(|(strays, length)| {
        let mut is_stray = vec![false; length];
        for &index in strays {
            is_stray[index] = true;
        }
        is_stray
    });
    let mut closed = Vec::new();
    for row in whole {
        let source: Vec<usize> = row.source.range().filter(|&index| !is_stray.source[index]).collect();
        let target: Vec<usize> = row.target.range().filter(|&index| !is_stray.target[index]).collect();
        match (&source[..], &target[..]) {
            // Beads of the file may cross it.
            (&[source], &[target]) if beads.links.is_empty() => runs.push(Both::new(alone(source), alone(target))),
            (_, []) => runs.extend(source.iter().map(|&index| Both::new(alone(index), Run::default()))),
            ([], _) => runs.extend(target.iter().map(|&index| Both::new(Run::default(), alone(index)))),
            _ => closed.push(row),
        }
    }
    let has_headings = known.headings.source.contains(&true) || known.headings.target.contains(&true);
    if runs.is_empty() && closed.is_empty() && !has_headings {
        return Ok(Pinned::default());
    }
    let pinned = Pinned::new(lengths, &runs).map_err(|(number, clash)| {
        let what = match clash {
            Clash::Twice => "one of its sentences stands in another bead too",
            Clash::Crossing => "it crosses another bead",
        };
        let link = beads.links.get(number).cloned().unwrap_or_default();
        misfit(&link, what.to_owned())
    })?;
    Ok(pinned.closing(&closed).parting(known.headings.clone()))
}

/// The sentences of each row, in the order of the rows.
fn rows(rows: &Both<Vec<Option<usize>>>) -> Vec<Both<Run>> {
    let mut found: BTreeMap<usize, Both<Run>> = BTreeMap::new();
    for (of_side, side) in [(&rows.source, 0), (&rows.target, 1)] {
        for (index, row) in of_side.iter().enumerate().filter_map(|(index, row)| Some((index, (*row)?))) {
            let runs = found.entry(row).or_default();
            let run = if side == 0 { &mut runs.source } else { &mut runs.target };
            *run = if run.is_empty() { Run::new(index, index + 1) } else { Run::new(run.start, index + 1) };
        }
    }
    found.into_values().collect()
}

fn runs(sentences: &Both<Sentences>, link: &Link) -> std::result::Result<Both<Run>, String> {
    match link.source.len() + link.target.len() {
        0 => return Err("it holds no sentence".to_owned()),
        count if count > LONGEST => return Err(format!("it holds {count} sentences, and no bead more than {LONGEST}")),
        _ => {}
    }
    let Both { source, target } = sentences.as_ref().zip(link.as_ref()).map(|(side, ids)| run(side, ids));
    Ok(Both::new(source?, target?))
}

/// The sentences with these numbers, which are in ascending order.
fn run(sentences: &Sentences, ids: &[usize]) -> std::result::Result<Run, String> {
    let Some(&first) = ids.first() else { return Ok(Run::default()) };
    let lang = sentences.lang.name();
    let start = sentences.items.partition_point(|sentence| sentence.id < first);
    for (&id, index) in ids.iter().zip(start..) {
        if sentences.items.binary_search_by_key(&id, |sentence| sentence.id).is_err() {
            return Err(format!("there is no {lang} sentence {id}"));
        }
        if sentences.items[index].id != id {
            return Err(format!("{lang} sentence {id} does not follow the one before it"));
        }
    }
    Ok(Run::new(start, start + ids.len()))
}

/// A bead in the form of an index.
fn shown(link: &Link) -> String {
    let list = |ids: &Vec<usize>| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    format!("[{}]:[{}]", list(&link.source), list(&link.target))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        document::{ByteMap, Original, Sentence},
        evaluate::read::parse,
        text::Lang,
    };

    /// A sentence a line, numbered by lines; the third line is blank.
    fn sentences(lang: Lang) -> Sentences {
        let original = Arc::new(Original::new("test", "a\nb\n\nd\ne", ByteMap::shifted(0)));
        let lines = original.lines().enumerate().filter(|(_, span)| !span.is_empty());
        let items = lines.map(|(id, span)| Sentence { span, paragraph: 0, id }).collect();
        Sentences { lang, original, items }
    }

    fn pinned(file: &str) -> Result<Pinned> {
        let sentences = Both::new(sentences(Lang::Zh), sentences(Lang::En));
        let links = parse("fixed.index", file).unwrap();
        let known = Known { rows: sentences.as_ref().map(|side| vec![None; side.len()]), ..Known::default() };
        fix(&sentences, Some(&PinnedBeads { path: "fixed.index", links: &links }), &known)
    }

    #[test]
    fn sentences_are_known_by_their_numbers_and_may_have_a_blank_line_between_them() {
        let bead = Both::new(Run::new(1, 3), Run::new(3, 4));
        assert_eq!(pinned("[1,3]:[4]:1.00").unwrap(), Pinned::new(Both::new(4, 4), &[bead]).unwrap());
    }

    #[test]
    fn rows_belong_together_unless_a_bead_of_the_file_is_in_them() {
        let sentences = Both::new(sentences(Lang::Zh), sentences(Lang::En));
        let rows = Both::new(vec![Some(1), Some(1), Some(2), Some(4)], vec![Some(1), Some(2), Some(3), Some(4)]);
        let known = Known { untranslated: Both::new(vec![3], vec![]), rows, ..Known::default() };
        let bead = |source: [usize; 2], target: [usize; 2]| {
            Both::new(Run::new(source[0], source[1]), Run::new(target[0], target[1]))
        };
        let (first, second) = (bead([0, 2], [0, 1]), bead([2, 3], [1, 2]));
        // The fourth row has no Chinese: what stands there was left in English.
        let alone = [bead([3, 4], [0, 0]), bead([0, 0], [2, 3]), bead([0, 0], [3, 4])];
        let expected = Pinned::new(Both::new(4, 4), &[&[second][..], &alone].concat()).unwrap().closing(&[first]);
        assert_eq!(fix(&sentences, None, &known).unwrap(), expected);
        let links = parse("fixed.index", "[0]:[0]").unwrap();
        let kept = fix(&sentences, Some(&PinnedBeads { path: "fixed.index", links: &links }), &known).unwrap();
        let expected = Pinned::new(Both::new(4, 4), &[&[bead([0, 1], [0, 1])][..], &alone].concat()).unwrap();
        assert_eq!(kept, expected.closing(&[second]));
    }

    #[test]
    fn a_bead_that_does_not_fit_is_named_with_what_is_wrong() {
        let many: Vec<String> = (0..101).map(|id| id.to_string()).collect();
        for (file, bead, what) in [
            ("[0]:[0]\n[1]:[7]", "[1]:[7]", "there is no English sentence 7"),
            ("[2]:[1]", "[2]:[1]", "there is no Chinese sentence 2"),
            ("[0,3]:[1]", "[0,3]:[1]", "Chinese sentence 3 does not follow the one before it"),
            ("[0]:[0]\n[0]:[]", "[0]:[]", "one of its sentences stands in another bead too"),
            ("[0]:[1]\n[1]:[0]", "[1]:[0]", "it crosses another bead"),
            ("[]:[]", "[]:[]", "it holds no sentence"),
            (&format!("[{}]:[]", many.join(",")), "[0,1,2", "it holds 101 sentences, and no bead more than 100"),
        ] {
            let message = pinned(file).unwrap_err().to_string();
            assert!(message.starts_with(&format!("cannot keep the bead `{bead}")), "{message}");
            assert!(message.ends_with(&format!("of `fixed.index`: {what}")), "{message}");
        }
    }
}
