//! Pairs that nobody has judged: those without a confidence that pass every filter which looks at one pair alone. They
//! are worth a score; what a filter drops is not.

use super::{Candidate, Settings, filter, key::Normaliser};

/// A sieve of pairs, for those that are to be scored.
pub struct Unjudged {
    settings: Settings,
    normaliser: Normaliser,
}

impl Unjudged {
    /// A sieve for a data set with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, normaliser: Normaliser::new() }
    }

    /// Whether a score would decide on `candidate`.
    pub fn holds(&mut self, candidate: &Candidate) -> bool {
        let Settings { min_confidence, skipped, .. } = &self.settings;
        let keys = self.normaliser.keys(&candidate.zh, &candidate.en);
        candidate.confidence.is_none() && filter::rejecting(candidate, &keys, *min_confidence, skipped).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Filter;

    #[test]
    fn what_is_judged_or_dropped_is_not_scored() {
        let pair = |zh: &str, en: &str, confidence| Candidate {
            zh: zh.to_owned(),
            en: en.to_owned(),
            confidence,
            doc: "corpus.tsv".into(),
            line: Some(1),
            flaw: None,
            is_draft: false,
        };
        let mut unjudged = Unjudged::new(Settings::default());
        assert!(unjudged.holds(&pair("他明天到。", "He arrives tomorrow.", None)));
        assert!(!unjudged.holds(&pair("他明天到。", "He arrives tomorrow.", Some(0.3))));
        assert!(!unjudged.holds(&pair("他明天到。", "他明天到。", None)));
        let mut lenient = Unjudged::new(Settings {
            skipped: vec![Filter::Identical, Filter::WrongLanguage, Filter::Untranslated],
            ..Settings::default()
        });
        assert!(lenient.holds(&pair("他明天到。", "他明天到。", None)));
    }
}
