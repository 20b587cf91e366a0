//! 4 · Evidence: what speaks for or against a bead, as numbers, and their weights.
//!
//! Of any bead of a band, [`BandEvidence`] tells what is cheap to know: three views of the two texts, each an inner
//! product (the embeddings of their pieces, the words of the translation against those of the target, numbers and
//! Latin names), with lengths and paragraphs. Of the beads that the first pass leaves, each [`Look`] tells more. All
//! of it becomes numbers, [`BandFeatures`] and [`ShortlistFeatures`], which [`BandWeights`] and [`ShortlistWeights`]
//! weigh. Nothing here knows of search.

// Of any bead of a band.
mod band_evidence;
mod band_features;
mod anchors;
mod term_vectors;
pub mod embeddings;
mod inner_products;
mod lengths;

// Of the beads that the first pass leaves.
mod shortlist_features;
mod bead_features;
mod gain;
mod document_lexicon;
mod punctuation;
mod null_shares;
mod tags;
mod surroundings;
mod links;
mod forced;
mod levels;

// Of a pair that stands alone.
mod numbers;
mod pair_features;
pub mod scorer;

// What it is worth.
mod log_odds;
pub mod weights;
mod units;
mod named;
mod priors;

// Of the clauses of a pair.
pub mod clauses;

pub use self::{
    anchors::{of_chinese as anchors_of_chinese, of_english as anchors_of_english},
    band_evidence::{BandEvidence, Inputs},
    band_features::{BandFeature, BandFeatures, N_BAND_FEATURES},
    bead_features::ShortlistFeatures,
    clauses::ClauseWeights,
    document_lexicon::add_gains,
    embeddings::Embeddings,
    forced::add_forced,
    gain::Gain,
    levels::add_levels,
    links::{LinkFeature, add_links},
    null_shares::add_null_shares,
    numbers::are_inconsistent as numbers_are_inconsistent,
    pair_features::{PairFeature, PairFeatures},
    priors::{ExpectedCounts, Priors},
    punctuation::add_punctuation,
    scorer::Scorer,
    shortlist_features::{
        ForcedFeature, GivenFeature, LexiconFeature, Look, N_SHORTLIST_FEATURES, ShortlistFeature, TaggerFeature,
    },
    surroundings::{Around, add_null_surroundings, add_surroundings},
    tags::add_tags,
    units::Unit,
    weights::{BandWeights, Pass, Passes, ShortlistWeights},
};
pub(crate) use self::{log_odds::probability, tags::SUREST};
