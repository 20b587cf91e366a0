//! Progress of the library's stages, reported without knowing who shows it.

/// A stage that can take long enough to be worth showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Fetching a model; counted in bytes.
    Fetch,
    /// Translating source sentences; counted in sentences.
    Translate,
    /// Comparing the sides and searching the best alignment; counted in source sentences.
    Align,
}

impl Stage {
    /// The name of the stage in one word, for a progress bar or a log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Translate => "translate",
            Self::Align => "align",
        }
    }
}

/// A receiver of the progress of one stage after another.
pub trait Progress {
    /// A stage begins and will advance by `total` units in all.
    fn begin(&self, stage: Stage, total: usize);
    /// The stage that began last got on by `units`.
    fn advance(&self, units: usize);
    /// The stage that began last is done.
    fn end(&self);
    /// Of several documents, so many are done. Called between stages.
    fn documents(&self, _done: usize) {}
    /// Of pairs whose number nobody knows, so many are scored. Called between stages.
    fn pairs(&self, _done: usize) {}
}

/// A receiver that shows nothing.
impl Progress for () {
    fn begin(&self, _: Stage, _: usize) {}
    fn advance(&self, _: usize) {}
    fn end(&self) {}
}
