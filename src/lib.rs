//! mtalign: parallel text and translation coverage from Chinese and English text.
//!
//! ```text
//!  files ─▶ ingest ─▶ segment ─▶ translate ─▶ evidence ─▶ align ─▶ coverage ─▶ write
//!          Document   Sentences  Translation   Features      Alignment  Report     tsv jsonl tmx moses parquet index
//! ```
//! The modules stand in this order. A stage uses the types that stand before the stages, never another stage;
//! [`aligner`] joins them. Segmentation, evidence, alignment and coverage see no files and cannot fail; odd input
//! is data to them, not an error.

// What the stages hand on to each other.
pub mod text;
pub mod both;
pub mod document;
pub mod bead;
pub mod band;
pub mod error;
pub mod progress;

// The models' files, and the pieces in which models read text.
pub mod tokenizer;
pub mod bundle;

// The stages.
pub mod ingest;
pub mod segment;
pub mod translate;
pub mod evidence;
pub mod align;
pub mod coverage;
pub mod write;
pub mod dataset;
pub mod evaluate;

// All of it together.
pub mod aligner;
