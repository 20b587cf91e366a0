//! Texts that are not ours to publish, in a folder beside the sources; where that is missing, these tests say so.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mtalign::{
    aligner::{self, Settings, Tables},
    both::Both,
    document::{AlignedDocument, Sentences},
    evaluate::{Link, read, score},
    ingest::{self, Input, Layout},
    segment::{Segmentation, segment},
    translate::canned::Canned,
};

use crate::support::{bundled_model, sources};

/// The file or folder `path` of the shared folder.
#[expect(clippy::print_stderr, reason = "a test that did nothing must not look like one that passed")]
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = sources().join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: there is no {}", path.display());
    None
}

/// Aligns sentences, a line each, without any translation: the embeddings alone must carry it.
fn align(zh: &Path, en: &Path) -> AlignedDocument {
    let input = Input::Two { zh: zh.to_owned(), en: en.to_owned() };
    let options = ingest::Options { layout: Layout::Lines, ..ingest::Options::default() };
    let document = ingest::read(&input, options).unwrap();
    let tables = Tables::load(bundled_model().to_str().unwrap()).unwrap();
    let mut translator = Canned::default();
    let settings = Settings { segmentation: Segmentation::Lines, ..Settings::default() };
    aligner::run(&document, &settings, &mut tables.models(&mut translator, None), &()).unwrap()
}

fn links(document: &AlignedDocument) -> Vec<Link> {
    let ids =
        |sentences: &Sentences, range: std::ops::Range<usize>| sentences.items[range].iter().map(|it| it.id).collect();
    let Both { source, target } = &document.sentences;
    let beads = document.alignment.beads().iter();
    beads.map(|bead| Both::new(ids(source, bead.runs.source.range()), ids(target, bead.runs.target.range()))).collect()
}

/// A novel is the hardest text there is; below this something is broken.
const LEAST_F1: f64 = 0.75;

#[test]
fn the_shortest_chapter_of_the_novels_is_aligned_well_without_translations() {
    let Some(novels) = shared("gold/mac-dev") else { return };
    let chapters = fs::read_dir(novels.join("zh")).unwrap().map(|entry| entry.unwrap().path());
    let shortest = chapters.min_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let name = shortest.file_name().unwrap().to_str().unwrap();
    let found = links(&align(&shortest, &novels.join("en").join(name)));
    let gold = read(&novels.join("gold").join(format!("{name}.align"))).unwrap();
    let f1 = score(&gold, &found).strict.f1().unwrap();
    assert!(f1 >= LEAST_F1, "chapter {name}: F1 {f1:.3}");
}

#[test]
fn the_seed_article_is_cut_into_its_sentences() {
    let Some(article) = shared("seed/news-mixed.txt") else { return };
    let document = ingest::read(&Input::Mixed(article), ingest::Options::default()).unwrap();
    let sentences = document.sides.as_ref().map(|side| segment(side, Segmentation::Punctuation));
    let chinese = sentences.source.texts();
    assert_eq!((chinese.len(), chinese.last()), (17, Some(&"(完)")), "{chinese:#?}");
    let first = sentences.target.text(0);
    assert!(first.contains("Feb. 5. On") && first.ends_with('.') && first.len() > 60, "{first}");
}
