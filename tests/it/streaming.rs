//! Many documents through the whole aligner, with canned translations in place of the model: read one after another,
//! aligned several at a time, handed over in order.

use std::{fmt::Write as _, num::NonZeroUsize};

use mtalign::{
    aligner::{self, Settings, Tables},
    document::{AlignedDocument, Document, Translation},
    error::{Result, panic},
    ingest::{Documents, Input, Options},
    progress::Progress,
    translate::{Forced, ForcedScore, Translator, canned::Canned},
};

use crate::support::{Folder, bundled_model};

/// A sentence over which the translator panics.
const BREAKING: &str = "碗碎了。";

/// A translator with a fault.
struct Brittle(Canned);

impl Translator for Brittle {
    fn fingerprint(&self) -> String {
        self.0.fingerprint()
    }

    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>> {
        assert!(!sources.contains(&BREAKING), "the bowl is broken");
        self.0.translate(sources, progress)
    }

    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        self.0.log_probs(pairs)
    }
}

/// Of so many documents every fifth cannot be read.
const DOCUMENTS: usize = 40;

/// The documents of a folder in different kinds, and the table of their translations.
fn documents() -> (Folder, String) {
    let folder = Folder::new();
    let mut table = String::new();
    let mut records = String::new();
    for number in 0..DOCUMENTS {
        let (zh, en) = (format!("图书馆有{number}本书。"), format!("The library has {number} books."));
        writeln!(table, "{zh}\t{en}").unwrap();
        match number % 5 {
            0 => folder.write(&format!("{number:02}.txt"), format!("{zh}\n\n{en}\n")),
            1 => folder.write(&format!("{number:02}.html"), format!("<p>{zh}<p>{en}")),
            2 => folder.write(&format!("{number:02}.srt"), format!("1\n00:01 --> 00:02\n{zh}\n{en}\n")),
            3 => folder.write(&format!("{number:02}.docx"), "no archive"),
            _ => writeln!(records, "{{\"id\": {number}, \"zh\": \"{zh}\", \"en\": \"{en}\"}}").unwrap(),
        }
    }
    folder.write("records.jsonl", records);
    (folder, table)
}

/// What becomes of every document: its id and pairs, or the error.
fn outcomes(folder: &Folder, table: &str, workers: usize) -> Vec<std::result::Result<(String, usize), String>> {
    let tables = Tables::load(bundled_model().to_str().unwrap()).unwrap();
    let worker = || {
        let mut translator = Brittle(Canned::parse("table", table)?);
        let tables = &tables;
        Ok(move |document: Result<Document>| {
            aligner::run(&document?, &Settings::default(), &mut tables.models(&mut translator, None), &())
        })
    };
    let mut outcomes = Vec::new();
    let inputs = vec![Input::Mixed(folder.path(""))];
    let name = |document: &Result<Document>| document.as_ref().map_or_else(|_| String::new(), |it| it.id.clone());
    let documents = Documents::new(inputs, Options::default());
    let workers = NonZeroUsize::new(workers).unwrap();
    aligner::in_order(documents, workers, name, worker, |aligned: Result<AlignedDocument>| {
        let pairs = |document: AlignedDocument| {
            let pairs = document.alignment.beads().iter().filter(|bead| bead.is_pair()).count();
            (document.id, pairs)
        };
        outcomes.push(aligned.map(pairs).map_err(|error| error.to_string()));
        Ok(())
    })
    .unwrap();
    outcomes
}

#[test]
fn any_number_of_workers_yields_the_same_documents_in_the_same_order() {
    let (folder, table) = documents();
    let alone = outcomes(&folder, &table, 1);
    let ids: Vec<&str> = alone.iter().flatten().map(|(id, _)| id.as_str()).collect();
    let in_folder = (0..DOCUMENTS).filter_map(|number| {
        let ending = ["txt", "html", "srt"].get(number % 5)?;
        Some(format!("{number:02}.{ending}"))
    });
    let in_records = (4..DOCUMENTS).step_by(5).map(|number| number.to_string());
    assert_eq!(ids, in_folder.chain(in_records).collect::<Vec<_>>());
    assert!(alone.iter().flatten().all(|(_, pairs)| *pairs == 1), "{alone:?}");
    let errors: Vec<&String> = alone.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert_eq!(errors.len(), DOCUMENTS / 5);
    assert!(errors.iter().all(|error| error.contains("as a Word document: it is no archive")), "{errors:?}");
    assert_eq!(outcomes(&folder, &table, 4), alone);
}

#[test]
fn a_panic_over_one_document_costs_that_one_only() {
    panic::hold_back();
    let (folder, table) = documents();
    let whole = outcomes(&folder, &table, 1);
    folder.write("07a.txt", format!("{BREAKING}\n\nThe bowl is broken.\n"));
    for workers in [1, 4] {
        let mut outcomes = outcomes(&folder, &table, workers);
        let at =
            outcomes.iter().position(|outcome| matches!(outcome, Err(error) if error.contains("07a.txt"))).unwrap();
        let error = outcomes.remove(at).unwrap_err();
        assert_eq!(error, "cannot finish `07a.txt`: this is a fault of the program");
        assert_eq!(outcomes, whole, "{workers} workers");
    }
}
