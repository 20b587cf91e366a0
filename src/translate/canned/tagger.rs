//! A tagger that reads from a table of translations: a piece is covered where the table has it.

use std::collections::{HashMap, HashSet};

use crate::{
    both::Both,
    error::Result,
    text::Lang,
    tokenizer::{PieceId, Tokenizer},
    translate::tagger::{PairPieces, Tagger},
};

/// The log-odds of a piece that is covered, and of one that is not.
const COVERED: f32 = 3.0;
const UNCOVERED: f32 = -3.0;

/// The least share of a sentence's translation that stands on the other side where the sentence is covered, counted
/// in different pieces.
const LEAST_SHARE: f64 = 0.5;

/// A tagger that knows of each source sentence of a table which pieces its translation has.
#[derive(Debug, Clone, Default)]
pub struct CannedTagger {
    translations: HashMap<Vec<PieceId>, HashSet<PieceId>>,
}

impl CannedTagger {
    /// A tagger of a table as [`Canned::parse`](super::Canned::parse) reads it.
    pub fn new(table: &str, tokenizer: &Tokenizer) -> Self {
        let line = |line: &str| {
            let (source, target) = line.split_once('\t')?;
            let target = tokenizer.encode(target.trim(), Lang::En).into_iter().collect();
            Some((tokenizer.encode(source.trim(), Lang::Zh), target))
        };
        Self { translations: table.lines().filter_map(line).collect() }
    }

    fn of(&self, pair: &PairPieces<'_>) -> Both<Vec<f32>> {
        let nothing = HashSet::new();
        let known: Vec<&HashSet<PieceId>> =
            pair.source.iter().map(|sentence| self.translations.get(sentence).unwrap_or(&nothing)).collect();
        let target: HashSet<PieceId> = pair.target.iter().flatten().copied().collect();
        let odds = |covered: bool| if covered { COVERED } else { UNCOVERED };
        let of_source = |(sentence, known): (&Vec<PieceId>, &&HashSet<PieceId>)| {
            let found = known.intersection(&target).count() as f64;
            vec![odds(!known.is_empty() && found >= LEAST_SHARE * known.len() as f64); sentence.len()]
        };
        let source = pair.source.iter().zip(&known).flat_map(of_source).collect();
        let of_target = |piece| odds(known.iter().any(|known| known.contains(piece)));
        Both::new(source, pair.target.iter().flatten().map(of_target).collect())
    }
}

impl Tagger for CannedTagger {
    fn fingerprint(&self) -> String {
        let line = |(source, target): (&Vec<PieceId>, &HashSet<PieceId>)| {
            let mut target: Vec<_> = target.iter().collect();
            target.sort_unstable();
            format!("{source:?}\t{target:?}")
        };
        format!("canned tagger {}", super::digest(self.translations.iter().map(line)))
    }

    /// A target piece is covered by a source sentence whose translation has it; a source sentence is covered as a
    /// whole.
    fn tag(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
        Ok(pairs.iter().map(|pair| self.of(pair)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_the_table_has_is_covered_and_nothing_else() {
        let tokenizer = Tokenizer::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap();
        let mut tagger = CannedTagger::new("下雨了。\tIt is raining.\n他走了。\tHe left.\n", &tokenizer);
        let zh = [tokenizer.encode("下雨了。", Lang::Zh), tokenizer.encode("他走了。", Lang::Zh)];
        let en = [tokenizer.encode("It is raining.", Lang::En), tokenizer.encode("Cats sleep", Lang::En)];
        let tags = tagger.tag(&[Both::new(&zh, &en)]).unwrap().remove(0);
        let (first, second) = tags.source.split_at(zh[0].len());
        assert!(first.iter().all(|&tag| tag > 0.0) && second.iter().all(|&tag| tag < 0.0));
        let (first, second) = tags.target.split_at(en[0].len());
        assert!(first.iter().all(|&tag| tag > 0.0) && second.iter().all(|&tag| tag < 0.0));
    }
}
