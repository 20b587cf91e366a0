//! Values in pairs, one for each side, so that `(source_text, target_text, source_run, …)` is never written twice.

/// A value for the source side (Chinese) and one for the target side (English).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Both<T> {
    /// The source side: Chinese, which is translated.
    pub source: T,
    /// The target side: English, which it is compared with.
    pub target: T,
}

impl<T> Both<T> {
    /// A value for each side.
    pub const fn new(source: T, target: T) -> Self {
        Self { source, target }
    }

    /// Applies `f` to each side.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Both<U> {
        Both::new(f(self.source), f(self.target))
    }

    /// Joins the values of each side in pairs.
    pub fn zip<U>(self, other: Both<U>) -> Both<(T, U)> {
        Both::new((self.source, other.source), (self.target, other.target))
    }

    /// Borrows each side.
    pub const fn as_ref(&self) -> Both<&T> {
        Both::new(&self.source, &self.target)
    }

    /// Exchanges the sides.
    #[must_use]
    pub fn swap(self) -> Self {
        Self::new(self.target, self.source)
    }
}
