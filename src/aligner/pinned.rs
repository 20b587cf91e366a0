//! Pinned beads from an alignment file.
//!
//! In come beads by the numbers of their sentences, as [`evaluate`](crate::evaluate) reads them; out comes what the
//! aligner keeps. A bead that does not fit the sentences is an error that names it: it was made for other texts, or
//! by another way of cutting them.

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

/// What is pinned of `sentences`: the beads of a file, and, each alone, the sentences that were left in the other language
/// and are in none of these.
pub(super) fn fix(
    sentences: &Both<Sentences>,
    beads: Option<&PinnedBeads<'_>>,
    untranslated: &Both<Vec<usize>>,
) -> Result<Pinned> {
    let beads = beads.unwrap_or(&PinnedBeads { path: "", links: &[] });
    let misfit = |link: &Link, what: String| Error::Misfit { path: beads.path.to_owned(), bead: shown(link), what };
    let runs = beads.links.iter().map(|link| runs(sentences, link).map_err(|what| misfit(link, what)));
    let mut runs = runs.collect::<Result<Vec<_>>>()?;
    if runs.is_empty() && untranslated.source.is_empty() && untranslated.target.is_empty() {
        return Ok(Pinned::default());
    }
    let holds = |run: Run, index: usize| run.range().contains(&index);
    let alone = |index: usize| Run::new(index, index + 1);
    let free = |side: &[usize], of: fn(&Both<Run>) -> Run| -> Vec<usize> {
        side.iter().copied().filter(|&index| !runs.iter().any(|bead| holds(of(bead), index))).collect()
    };
    let (source, target) =
        (free(&untranslated.source, |bead| bead.source), free(&untranslated.target, |bead| bead.target));
    runs.extend(source.into_iter().map(|index| Both::new(alone(index), Run::default())));
    runs.extend(target.into_iter().map(|index| Both::new(Run::default(), alone(index))));
    Pinned::new(sentences.as_ref().map(Sentences::len), &runs).map_err(|(number, clash)| {
        let what = match clash {
            Clash::Twice => "one of its sentences stands in another bead too",
            Clash::Crossing => "it crosses another bead",
        };
        misfit(&beads.links[number], what.to_owned())
    })
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
        fix(
            &sentences,
            Some(&PinnedBeads { path: "fixed.index", links: &parse("fixed.index", file).unwrap() }),
            &Both::default(),
        )
    }

    #[test]
    fn sentences_are_known_by_their_numbers_and_may_have_a_blank_line_between_them() {
        let bead = Both::new(Run::new(1, 3), Run::new(3, 4));
        assert_eq!(pinned("[1,3]:[4]:1.00").unwrap(), Pinned::new(Both::new(4, 4), &[bead]).unwrap());
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
