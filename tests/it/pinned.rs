//! Corrections read back: what a person has decided stays, and the rest is aligned between.

use std::{fs, path::Path};

use mtalign::{
    aligner::{self, PinnedBeads, Settings, Tables},
    bead::Bead,
    document::AlignedDocument,
    error::Error,
    evaluate::{Link, read::parse},
    ingest::{self, Input},
    translate::canned::Canned,
};

use crate::support::bundled_model;

const SAMPLE: &str = "tests/browser/sample";

/// The sample text, aligned with these beads as they are.
fn align(pinned: &str) -> Result<AlignedDocument, Error> {
    let links: Vec<Link> = if pinned.is_empty() { Vec::new() } else { parse("fixed.index", pinned).unwrap() };
    let table = fs::read_to_string(Path::new(SAMPLE).join("translations.tsv")).unwrap();
    let tables = Tables::load(bundled_model().to_str().unwrap()).unwrap();
    let mut translator = Canned::parse("translations.tsv", &table).unwrap();
    let pinned = (!links.is_empty()).then_some(PinnedBeads { path: "fixed.index", links: &links });
    let document = ingest::read(&Input::Mixed(Path::new(SAMPLE).join("lighthouse.md")), ingest::Options::default())?;
    let settings = Settings { pinned, ..Settings::default() };
    aligner::run(&document, &settings, &mut tables.models(&mut translator, None), &())
}

fn shown(bead: &Bead) -> String {
    let runs = bead.runs.map(|run| run.range().map(|id| id.to_string()).collect::<Vec<_>>().join(","));
    format!("[{}]:[{}]", runs.source, runs.target)
}

/// The beads within some source sentences, as an index has them.
fn beads(document: &AlignedDocument, first: usize, end: usize) -> Vec<String> {
    let within = |bead: &&Bead| bead.runs.source.start >= first && bead.runs.source.end <= end;
    document.alignment.beads().iter().filter(within).map(shown).collect()
}

#[test]
fn what_is_fixed_stays_is_sure_and_leaves_the_rest_as_it_was() {
    let free = align("").unwrap();
    assert_eq!(beads(&free, 8, 9), ["[8]:[]"], "the sample is another one");
    // A wrong pair, a merge that no search would make, and a sentence that stands alone against all evidence.
    let pinned = align("[8,9]:[8]:1\n[]:[9]:1\n[11]:[]\n[13,14,15]:[14,15,16,17]\n").unwrap();
    assert_eq!(beads(&pinned, 8, 16)[..2], ["[8,9]:[8]", "[]:[9]"]);
    for expected in ["[8,9]:[8]", "[]:[9]", "[11]:[]", "[13,14,15]:[14,15,16,17]"] {
        let bead = pinned.alignment.beads().iter().find(|bead| shown(bead) == expected);
        assert!(bead.is_some_and(|bead| bead.confidence >= 1.0), "{expected}: {bead:?}");
    }
    assert_eq!(beads(&pinned, 0, 8), beads(&free, 0, 8));
    // The last sentence is in doubt, and what is pinned changes what is expected of the document.
    assert_eq!(beads(&pinned, 17, 27), beads(&free, 17, 27));
}

#[test]
fn an_alignment_fixed_as_a_whole_is_that_alignment() {
    let free = align("").unwrap();
    let index: Vec<String> = free.alignment.beads().iter().map(shown).collect();
    let pinned = align(&index.join("\n")).unwrap();
    assert_eq!(pinned.alignment.beads().iter().map(shown).collect::<Vec<_>>(), index);
    assert!(pinned.alignment.beads().iter().all(|bead| bead.confidence >= 1.0));
}

#[test]
fn a_bead_of_another_text_is_refused_before_anything_is_translated() {
    let error = align("[0]:[0]\n[27]:[99]").unwrap_err();
    let expected = "cannot keep the bead `[27]:[99]` of `fixed.index`: there is no English sentence 99";
    assert_eq!(error.to_string(), expected);
}
