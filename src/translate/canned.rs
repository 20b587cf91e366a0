//! A translator that reads from a table instead of running a model: for tests, and for runs that must not depend on a
//! model's quality.

mod tagger;

use std::collections::{HashMap, HashSet};

pub use self::tagger::CannedTagger;

use sha2::{Digest, Sha256};

use super::{Engine, Forced, ForcedScore, Tagger, Translator};
use crate::{
    document::{Flaw, Translation},
    error::{Error, Result},
    progress::Progress,
};

/// The log-probability of a word that the table's translation has, and of one that it has not, in nats.
const SHARED_WORD: f32 = -0.5;
const OTHER_WORD: f32 = -5.0;

/// A translator that looks translations up in a table.
#[derive(Debug, Clone, Default)]
pub struct Canned {
    table: HashMap<String, String>,
}

impl Canned {
    /// Reads a table of lines, Chinese, a tab, English; empty lines are skipped. `name` is the table's in messages.
    /// Fails on a line of another form.
    pub fn parse(name: &str, table: &str) -> Result<Self> {
        let mut entries = HashMap::new();
        for (index, line) in table.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = || Error::Format {
                path: name.to_owned(),
                line: index + 1,
                what: "expected Chinese, a tab and English".to_owned(),
            };
            let (source, target) = line.split_once('\t').ok_or_else(wrong)?;
            entries.insert(source.trim().to_owned(), target.trim().to_owned());
        }
        Ok(Self { table: entries })
    }

    fn look_up(&self, source: &str) -> &str {
        self.table.get(source.trim()).map_or("", String::as_str)
    }
}

impl Translator for Canned {
    /// The table's content, whatever the order of its lines.
    fn fingerprint(&self) -> String {
        format!("canned {}", digest(self.table.iter().map(|(source, target)| format!("{source}\t{target}"))))
    }

    /// The translation in the table, with the log-probability −0.5; [`Flaw::Empty`] where there is none.
    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>> {
        let translations = sources.iter().map(|source| {
            progress.advance(1);
            let text = self.look_up(source).to_owned();
            let is_missing = text.is_empty() && !source.trim().is_empty();
            let log_prob = if text.is_empty() { 0.0 } else { SHARED_WORD };
            Translation { text, log_prob, flaw: is_missing.then_some(Flaw::Empty) }
        });
        Ok(translations.collect())
    }

    /// The scores of the words of a target, each of which counts as a piece: −0.5 where the table's translation of
    /// the source has it, −5 elsewhere, and −0.5 for the end mark.
    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        let scores = pairs.iter().map(|pair| {
            let known: HashSet<String> = words(self.look_up(pair.source)).collect();
            let score = |(index, sentence): (usize, &&str)| {
                let of_word = |word| if known.contains(&word) { SHARED_WORD } else { OTHER_WORD };
                let end = (index + 1 == pair.target.len()).then_some(SHARED_WORD);
                let scores: Vec<f32> = words(sentence).map(of_word).chain(end).collect();
                ForcedScore { log_prob: scores.iter().sum(), pieces: scores.len() }
            };
            pair.target.iter().enumerate().map(score).collect()
        });
        Ok(scores.collect())
    }
}

/// An engine of a canned translator, and of a canned tagger where one is wanted.
#[derive(Debug, Clone, Default)]
pub struct CannedEngine {
    /// The translator.
    pub translator: Canned,
    /// The tagger.
    pub tagger: Option<CannedTagger>,
}

impl Engine for CannedEngine {
    fn parts(&mut self) -> (&mut dyn Translator, Option<&mut dyn Tagger>) {
        (&mut self.translator, self.tagger.as_mut().map(|tagger| tagger as &mut dyn Tagger))
    }

    fn worker(&self) -> Result<Box<dyn Engine>> {
        Ok(Box::new(self.clone()))
    }
}

/// A name for some lines that is the same in whichever order they come.
fn digest(lines: impl Iterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in &lines {
        hash.update((line.len() as u64).to_le_bytes());
        hash.update(line);
    }
    let mut name = [0; 8];
    name.copy_from_slice(&hash.finalize()[..8]);
    format!("{:016x}", u64::from_be_bytes(name))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canned() -> Canned {
        Canned::parse("table", "下雨了。\tIt is raining.\n\n雪\tsnow\n").unwrap()
    }

    #[test]
    fn texts_are_looked_up_in_order_and_unknown_ones_are_flawed() {
        let translations = canned().translate(&["雪", " 下雨了。", "风", ""], &()).unwrap();
        let outcomes: Vec<_> = translations.iter().map(|t| (t.text.as_str(), t.flaw)).collect();
        assert_eq!(outcomes, [("snow", None), ("It is raining.", None), ("", Some(Flaw::Empty)), ("", None)]);
    }

    #[test]
    fn a_target_is_the_more_probable_the_more_words_it_shares() {
        let targets: [&[&str]; 3] = [&["It is raining."], &["It is late."], &["Raining.", "Now."]];
        let scores = canned().log_probs(&targets.map(|target| Forced { source: "下雨了。", target })).unwrap();
        let score = |(log_prob, pieces)| ForcedScore { log_prob, pieces };
        assert_eq!(scores[..2], [vec![score((-2.0, 4))], vec![score((-6.5, 4))]]);
        assert_eq!(scores[2], [(-0.5, 1), (-5.5, 2)].map(score));
    }

    #[test]
    fn tables_of_other_content_have_other_fingerprints_and_the_order_is_no_matter() {
        let of = |table: &str| Canned::parse("table", table).unwrap().fingerprint();
        assert_eq!(of("雪\tsnow\n风\twind\n"), of("风\twind\n雪\tsnow\n"));
        assert_ne!(of("雪\tsnow\n"), of("雪\tsnows\n"));
        assert_ne!(of("雪\tsnow\n"), of(""));
    }

    #[test]
    fn a_line_without_a_tab_is_named() {
        let error = Canned::parse("table.tsv", "雪\tsnow\n风\n").unwrap_err();
        assert_eq!(error.to_string(), "cannot read `table.tsv`, line 2: expected Chinese, a tab and English");
    }
}
