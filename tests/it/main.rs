//! Every integration test, in one binary, so that libtorch is linked once.

/// What the other tests share.
mod support;

/// Which module may know which.
mod layout;

/// What one stage writes, another reads.
mod round_trip;

/// Every format, written for other programs to read.
mod formats;

/// What models answered, kept on disk.
mod cache;

/// Text that stands elsewhere in the translation.
mod moved;

/// Books with much missing.
mod robust;

/// Every folder of tests/golden through the whole aligner.
mod golden;

/// The open gold alignments.
mod gold;

/// Many documents through the whole aligner, several at a time.
mod streaming;

/// Corrections read back.
mod pinned;
mod flaws;

/// Documents that become a data set.
mod documents;

/// The bundled model, end to end.
#[cfg(feature = "marian")]
mod marian;

/// Runs that are cut off, and gone on with.
#[cfg(all(feature = "marian", unix))]
mod resume;

/// Documents and pairs that are fed one by one.
#[cfg(all(feature = "marian", unix))]
mod feeding;

/// The bundled tagger.
#[cfg(feature = "marian")]
mod tagging;

/// Pieces, logits and translations against those of Python.
mod parity;

/// A hub to fetch models from.
mod hub;

/// Models that are small, or lack what models from elsewhere lack.
mod foreign;

/// Models fetched from a hub.
mod pull;

/// Models brought into the form that is loaded.
mod import;

/// Situations that are hostile or unlucky.
#[cfg(unix)]
mod siege;

/// The program as it is built.
mod cli;

/// What the README says is true.
mod readme;

/// Texts that are not ours to publish.
mod shared;
