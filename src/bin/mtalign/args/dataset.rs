//! What can be typed of `mtalign dataset`.

use std::path::PathBuf;

use clap::Args;
use mtalign::{
    dataset::{self, Candidate, Filter, Judge, Shares, split::DEFAULT_SHARE},
    write::Format,
};

use super::{InputArgs, RunArgs, share};

/// The help of `dataset` on inputs that are pairs already.
pub(super) const PAIRS: &str = "\
Pairs that exist already are read too:
  .tsv .csv .xlsx   columns by a header (zh, en, confidence, doc, origin; Chinese, English; …) or by their languages
  .jsonl            {\"translation\": {\"zh\": …, \"en\": …}}, {\"zh\": …, \"en\": …} of single sentences, {\"src\": …, \"tgt\": …}
  .tmx              translation memories
  .xlf .xliff       XLIFF 1.2 and 2.0, also .sdlxliff .mqxliff
  .po               gettext messages
  NAME.zh NAME.en   two files of as many lines, one of which is named; also .zh_CN .zho .eng …
Codes of languages may be spelt in any way. Files may be in UTF-8, UTF-16, GB18030 or Big5.";

/// Inputs that are pairs already are read as such: `.tsv` (zh, en, confidence, or as a header says),
/// `.jsonl` of translations, `.tmx`, and `.zh` or `.en`, the other language being in the file beside it.
#[derive(Debug, Args)]
#[command(long_about)]
pub(crate) struct DatasetArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// The folder to write, new or empty; with `--score-only` or `--judge-only` the file.
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: PathBuf,
    /// Replace a former data set.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Drop pairs below this probability, 0 to 1. Pairs that come without one are scored by the model, unless
    /// `--skip confidence` says that no score matters.
    #[arg(long, value_name = "X", default_value_t = dataset::DEFAULT_MIN_CONFIDENCE, value_parser = share)]
    min_confidence: f64,
    /// Write every pair with its confidence to the file `--output`, and drop nothing; pairs that bring one keep it.
    #[arg(long, conflicts_with_all = ["overwrite", "skip", "validation", "test", "seed", "resume"])]
    pub(crate) score_only: bool,
    /// The format of `--score-only`; without it the extension of the output decides.
    #[arg(short, long, requires = "score_only")]
    format: Option<Format>,
    /// Write of every pair, as JSON Lines to the file `--output`, which filter drops it, the keys under which near-duplicates
    /// of it are found, and its draws for the splits; drop nothing.
    #[arg(long, conflicts_with_all = ["overwrite", "score_only", "validation", "test", "resume"])]
    pub(crate) judge_only: bool,
    /// Filters to leave out, by the names in the summary.
    #[arg(long, value_delimiter = ',', value_name = "FILTERS")]
    skip: Vec<Filter>,
    /// How much is held out for validation, 0 to 1.
    #[arg(long, value_name = "X", default_value_t = DEFAULT_SHARE, value_parser = share)]
    pub(super) validation: f64,
    /// How much is held out for the test, 0 to 1.
    #[arg(long, value_name = "X", default_value_t = DEFAULT_SHARE, value_parser = share)]
    pub(super) test: f64,
    /// Another number divides the same pairs differently.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

impl DatasetArgs {
    /// The format of scored pairs.
    pub(crate) fn format(&self) -> Format {
        self.inputs.errors.format(self.format, &self.output)
    }

    /// Whether a pair without a confidence is to be scored.
    pub(crate) fn scores(&self, pair: &Candidate, judge: &mut Judge) -> bool {
        self.score_only || (!self.skip.contains(&Filter::Confidence) && judge.is_undecided(pair))
    }

    pub(crate) fn settings(&self) -> dataset::Settings {
        dataset::Settings {
            min_confidence: self.min_confidence,
            skipped: self.skip.clone(),
            shares: Shares { validation: self.validation, test: self.test },
            seed: self.seed,
        }
    }
}
