//! Drafts: translations that people read, searched for more widely than those that are evidence only, and chosen by
//! what can be checked.

use crate::{
    bead::Run,
    document::{Flaw, Sentences, Translation},
    error::{Error, Result},
    progress::{Progress, Stage},
    text::quantities,
    translate::{Translator, check},
};

/// Adds the flaws of translations that say something else than their sources, as far as words tell.
pub(super) fn check(sources: &[impl AsRef<str>], translations: &mut [Translation]) {
    for (source, translation) in sources.iter().zip(translations) {
        translation.flaw = translation.flaw.or_else(|| check::wrong(source.as_ref(), &translation.text));
    }
}

/// The draft of each sentence by a beam of this width; of width 1 it is greedy. Fails if the translator does, or
/// returns another number of translations.
pub fn draft(
    sentences: &Sentences,
    translator: &mut dyn Translator,
    beam: usize,
    progress: &dyn Progress,
) -> Result<Vec<Translation>> {
    if beam < 2 {
        return super::run::translate(sentences, translator, progress);
    }
    progress.begin(Stage::Translate, sentences.len());
    let every: Vec<usize> = (0..sentences.len()).collect();
    let drafts = chosen(sentences, &every, translator, beam, progress)?;
    progress.end();
    Ok(drafts)
}

/// The drafts of the sentences with the indices `wanted`, in their order.
pub(super) fn chosen(
    sentences: &Sentences,
    wanted: &[usize],
    translator: &mut dyn Translator,
    beam: usize,
    progress: &dyn Progress,
) -> Result<Vec<Translation>> {
    let sources: Vec<_> = wanted.iter().map(|&index| sentences.run_text(Run::new(index, index + 1))).collect();
    let sources: Vec<&str> = sources.iter().map(AsRef::as_ref).collect();
    let n_best = translator.n_best(&sources, beam, progress)?;
    let count = n_best.len();
    let drafts: Vec<_> =
        sources.iter().zip(n_best).filter_map(|(source, candidates)| best(source, candidates)).collect();
    if drafts.len() == sources.len() && count == sources.len() {
        Ok(drafts)
    } else {
        Err(Error::TranslationCount { asked: sources.len(), got: drafts.len().min(count) })
    }
}

/// The best of a source's translations, which come likeliest first, with its flaw. Ranked by: being English at all,
/// how many of the source's amounts and dates it has, denying what the source denies, likelihood.
fn best(source: &str, candidates: Vec<Translation>) -> Option<Translation> {
    let judged = candidates.into_iter().map(|mut candidate| {
        let is_english = candidate.flaw.is_none();
        candidate.flaw = candidate.flaw.or_else(|| check::wrong(source, &candidate.text));
        let missing = quantities::missing(source, &candidate.text).len();
        ((!is_english, missing, candidate.flaw == Some(Flaw::Negation)), candidate)
    });
    // Of equals the first is taken: the likeliest.
    judged.min_by_key(|(faults, _)| *faults).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translation(text: &str, flaw: Option<Flaw>) -> Translation {
        Translation { text: text.to_owned(), log_prob: -1.0, flaw }
    }

    #[test]
    fn what_says_the_same_as_the_source_is_chosen_and_the_likeliest_among_equals() {
        let chosen = |source: &str, texts: &[(&str, Option<Flaw>)]| {
            let candidates = texts.iter().map(|&(text, flaw)| translation(text, flaw)).collect();
            let best = best(source, candidates).unwrap();
            (best.text, best.flaw)
        };
        let looping = Some(Flaw::Looping);
        for (source, texts, expected) in [
            (
                "投资一百二十万元。",
                &[("Invest 120 yuan.", None), ("Invest 1.2 million yuan.", None)][..],
                ("Invest 1.2 million yuan.", None),
            ),
            ("他来了。", &[("He came.", None), ("He has come.", None)], ("He came.", None)),
            ("他没来。", &[("He came.", None), ("He did not come.", None)], ("He did not come.", None)),
            (
                "他有三只猫。",
                &[("Three three three three.", looping), ("He has a cat.", None)],
                ("He has a cat.", Some(Flaw::Quantity)),
            ),
            ("他没来。", &[("He came.", None)], ("He came.", Some(Flaw::Negation))),
        ] {
            assert_eq!(chosen(source, texts), (expected.0.to_owned(), expected.1), "{source}");
        }
        assert_eq!(best("他来了。", Vec::new()), None);
    }
}
