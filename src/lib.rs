//! Parallel text and translation coverage from Chinese and English text.
//!
//! ```no_run
//! fn main() -> mtalign::Result<()> {
//!     let mut aligner = mtalign::Aligner::load("zh-en")?;
//!     let zh = "茶馆今天早上没有开门。老板去山里采茶了，明天才回来。";
//!     let en = "The teahouse did not open this morning. The owner went to the hills to pick tea. He will be back tomorrow.";
//!     for pair in aligner.align(zh, en)? {
//!         println!("{}\t{}\t{:.2}", pair.zh, pair.en, pair.confidence);
//!     }
//!     println!("{:.0} % of the Chinese is covered", 100.0 * aligner.coverage(zh, en)?.sides.source.characters.ratio());
//!     Ok(())
//! }
//! ```
//! [`Aligner`] is the front door. A worker for another thread shares its weights ([`Aligner::worker`]); documents
//! from files come out of [`ingest`], what is made of them goes through [`mod@write`], and [`dataset`] makes training
//! sets of many.
//!
//! # Inside
//!
//! ```text
//!  files ─▶ ingest ─▶ segment ─▶ translate ─▶ evidence ─▶ align ─▶ coverage ─▶ write
//!          Document   Sentences  Translation   Features     Alignment  Report     tsv csv xlsx jsonl tmx moses parquet index
//! ```
//! The modules stand in this order. A stage uses what stands before the stages, never another stage; [`aligner`] joins
//! them. Segmentation, evidence, alignment and coverage see no files and cannot fail, but for the loading of evidence's
//! tables; odd input is data to them, not an error. What only training looks at is public with the feature `train`.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(feature = "train"),
    allow(dead_code, unreachable_pub, unused_imports, reason = "what only training looks at is public to it alone")
)]

// What the stages hand on to each other.
pub mod text;
pub mod both;
pub mod bead;
pub mod document;
#[cfg(feature = "train")]
pub mod band;
#[cfg(not(feature = "train"))]
mod band;
pub mod error;
pub mod progress;
pub mod feed;
mod threads;

// The models' files, and the pieces in which models read text.
#[cfg(feature = "train")]
pub mod manifest;
#[cfg(not(feature = "train"))]
mod manifest;
#[cfg(feature = "train")]
pub mod tokenizer;
#[cfg(not(feature = "train"))]
mod tokenizer;
pub mod bundle;
#[cfg(feature = "train")]
pub mod lexicon;
#[cfg(not(feature = "train"))]
mod lexicon;

// The stages.
pub mod ingest;
pub mod segment;
pub mod translate;
#[cfg(feature = "train")]
pub mod evidence;
#[cfg(not(feature = "train"))]
mod evidence;
#[cfg(feature = "train")]
pub mod align;
#[cfg(not(feature = "train"))]
mod align;
#[cfg(feature = "train")]
pub mod coverage;
#[cfg(not(feature = "train"))]
mod coverage;
pub mod write;

// What is made of many documents' pairs, and of alignments.
pub mod dataset;
pub mod evaluate;

// All of it together, and what is kept of that.
pub mod aligner;
pub mod journal;

pub use aligner::{AlignedPair, Aligner};
pub use error::{Error, Result};
