//! Hints: the clauses inside pairs that seem to have no counterpart.
//!
//! Joins the cutting into clauses, their comparison and the report. Only beads that count as pairs are looked at, and
//! of them only sides of several clauses: whether the only one has a counterpart is what the alignment said.

use super::Models;
use crate::{
    bead::{Alignment, Run},
    both::Both,
    document::{Hint, Sentences, Span},
    evidence::{
        Embeddings,
        clauses::{Clause, Clues, clues, weights::SideWeights},
    },
    segment::clauses::clauses,
    text::{Lang, visible_length},
    tokenizer::Tokenizer,
};

/// The place of a clause: its sentence by index, and its span in the text.
type Place = (usize, Span);

/// The hints of each side, in order. Time grows linearly with the text.
pub(super) fn find(
    sentences: &Both<Sentences>,
    alignment: &Alignment,
    min_confidence: f64,
    models: &Models<'_>,
) -> Both<Vec<Hint>> {
    let &Models { tokenizer, embeddings, .. } = models;
    let pairs = alignment.beads().iter().filter(|bead| bead.is_kept(min_confidence));
    let places: Vec<Both<Vec<Place>>> =
        pairs.map(|bead| sentences.as_ref().zip(bead.runs).map(|(side, run)| places(side, run))).collect();
    let of_side = |(sentences, places): (&Sentences, &Vec<Place>)| {
        let text = |span: Span| span.of(&sentences.original.text);
        let clause = |&(_, span): &Place| comparable(text(span), sentences.lang, tokenizer, embeddings);
        places.iter().map(clause).collect()
    };
    let clues = clues(&places, |bead| sentences.as_ref().zip(bead.as_ref()).map(of_side));
    let mut hints = Both::<Vec<Hint>>::default();
    for (places, clues) in places.iter().zip(clues) {
        hints.source.extend(judge(&places.source, &clues.source, &models.clause_weights.sides.source));
        hints.target.extend(judge(&places.target, &clues.target, &models.clause_weights.sides.target));
    }
    hints
}

/// A clause in the form that evidence compares: its length, and the embeddings of its pieces.
pub fn comparable(text: &str, lang: Lang, tokenizer: &Tokenizer, embeddings: &Embeddings) -> Clause {
    let vector = |piece| embeddings.sum([piece as usize]);
    Clause { length: visible_length(text), pieces: tokenizer.encode(text, lang).into_iter().map(vector).collect() }
}

fn places(sentences: &Sentences, run: Run) -> Vec<Place> {
    let of_sentence = |index: usize| {
        let start = sentences.items[index].span.start;
        let shifted = move |span: Span| (index, Span::new(start + span.start, start + span.end));
        clauses(sentences.text(index), sentences.lang).into_iter().map(shifted)
    };
    run.range().flat_map(of_sentence).collect()
}

fn judge(places: &[Place], clues: &[Clues], weights: &SideWeights) -> Vec<Hint> {
    if places.len() < 2 {
        return Vec::new();
    }
    let hint = |(&(sentence, span), clues): (&Place, &Clues)| {
        let hint = Hint { sentence, span, confidence: weights.probability(clues) };
        (hint.confidence >= weights.least).then_some(hint)
    };
    places.iter().zip(clues).filter_map(hint).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        bead::Bead,
        evidence::{ClauseWeights, Passes, Scorer},
        translate::canned::Canned,
    };

    /// The texts of the hints in documents of one sentence a line, each a pair of confidence .9.
    fn hinted(zh: &[&str], en: &[&str], min_confidence: f64) -> Both<Vec<String>> {
        let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en");
        let models = Models {
            translator: &mut Canned::default(),
            tokenizer: &Tokenizer::load(&bundle).unwrap(),
            embeddings: &Embeddings::load(&bundle).unwrap(),
            lexicon: None,
            tagger: None,
            passes: &Passes::load(&bundle).unwrap(),
            clause_weights: &ClauseWeights::load(&bundle).unwrap(),
            scorer: &Scorer::load(&bundle).unwrap(),
        };
        let sentences = Both::new(Sentences::of_lines(Lang::Zh, zh), Sentences::of_lines(Lang::En, en));
        let bead = |at| Bead { runs: Both::new(Run::new(at, at + 1), Run::new(at, at + 1)), confidence: 0.9 };
        let alignment = Alignment::new((0..zh.len()).map(bead).collect());
        let hints = find(&sentences, &alignment, min_confidence, &models);
        let text = |side: &Sentences, hint: &Hint| {
            assert!((0.0..=1.0).contains(&hint.confidence));
            let (within, whole) = (hint.span, side.items[hint.sentence].span);
            assert!(whole.start <= within.start && within.end <= whole.end);
            within.of(&side.original.text).to_owned()
        };
        sentences.as_ref().zip(hints).map(|(side, hints)| hints.iter().map(|hint| text(side, hint)).collect())
    }

    const CHINESE: [&str; 3] = [
        "图书馆周末不开门，学生们只好去咖啡馆看书。",
        "他昨天买了一辆新自行车，今天就骑着它去上班了。",
        "桥修好了以后，村里的人去城里只要半个小时。",
    ];
    const ENGLISH: [&str; 3] = [
        "The library is closed at weekends, so the students have to go to a café to read.",
        "He bought a new bicycle yesterday, and today he rode it to work.",
        "After the bridge was repaired, people in the village need only half an hour to get to the city.",
    ];

    #[test]
    fn a_clause_without_a_counterpart_is_hinted_at_in_both_directions() {
        assert_eq!(hinted(&CHINESE, &ENGLISH, 0.0), Both::default());
        let shorter = [ENGLISH[0], "He bought a new bicycle yesterday.", ENGLISH[2]];
        let expected = Both::new(vec!["今天就骑着它去上班了".to_owned()], vec![]);
        assert_eq!(hinted(&CHINESE, &shorter, 0.0), expected);
        let shorter = ["学生们只好去咖啡馆看书。", CHINESE[1], CHINESE[2]];
        let expected = Both::new(vec![], vec!["The library is closed at weekends".to_owned()]);
        assert_eq!(hinted(&shorter, &ENGLISH, 0.0), expected);
    }

    #[test]
    fn only_pairs_that_count_are_looked_at_and_never_their_only_clause() {
        assert_eq!(hinted(&CHINESE[1..2], &["He bought a new bicycle yesterday."], 0.95), Both::default());
        assert_eq!(hinted(&["孩子们在河边放风筝。"], &["Prices rose again in the spring."], 0.0), Both::default());
    }
}
