//! Rows of numbers, which the parts of a network hand on.

use std::ops::Range;

use tch::{Kind, Tensor};

/// Rows of one width, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    values: Vec<f32>,
    width: usize,
}

impl Rows {
    /// The rows of so many values each.
    pub(crate) fn new(values: Vec<f32>, width: usize) -> Self {
        debug_assert_eq!(values.len() % width.max(1), 0, "rows are whole");
        Self { values, width }
    }

    pub(crate) fn zeros(count: usize, width: usize) -> Self {
        Self { values: vec![0.0; count * width], width }
    }

    /// The rows of a tensor, along its last dimension.
    pub(crate) fn of(tensor: &Tensor) -> Self {
        let width = tensor.size().last().map_or(0, |&width| usize::try_from(width).unwrap_or_default());
        let tensor = tensor.to_kind(Kind::Float).to_device(tch::Device::Cpu).contiguous();
        let mut values = vec![0.0; tensor.numel()];
        let count = values.len();
        // As everywhere in libtorch's bindings, a failure is a panic, which the workers turn into an error.
        tensor.copy_data(&mut values, count);
        Self { values, width }
    }

    /// The rows as a tensor (rows × width).
    pub(crate) fn tensor(&self) -> Tensor {
        let size = [self.count(), self.width].map(|size| i64::try_from(size).unwrap_or_default());
        Tensor::from_slice(&self.values).view(size)
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The number of rows.
    pub(crate) fn count(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    pub(crate) fn row(&self, at: usize) -> &[f32] {
        &self.values[at * self.width..][..self.width]
    }

    pub(crate) fn row_mut(&mut self, at: usize) -> &mut [f32] {
        &mut self.values[at * self.width..][..self.width]
    }

    /// The values of all rows, of at most so many at a time.
    pub(super) fn parts(&self, most: usize) -> impl Iterator<Item = &[f32]> {
        self.values.chunks(most * self.width.max(1))
    }

    /// Some rows that stand one after the other.
    pub(crate) fn some(&self, which: &Range<usize>) -> Self {
        Self { values: self.values[which.start * self.width..which.end * self.width].to_vec(), width: self.width }
    }

    /// The columns of all of `parts`, which have as many rows.
    pub(crate) fn side_by_side(parts: &[Self]) -> Self {
        let width = parts.iter().map(|part| part.width).sum();
        let rows = 0..parts.first().map_or(0, Self::count);
        let values = rows.flat_map(|row| parts.iter().flat_map(move |part| part.row(row))).copied().collect();
        Self { values, width }
    }

    /// Some columns of all rows.
    pub(crate) fn columns(&self, which: Range<usize>) -> Self {
        let width = which.len();
        let mut values = Vec::with_capacity(self.count() * width);
        (0..self.count()).for_each(|row| values.extend_from_slice(&self.row(row)[which.clone()]));
        Self { values, width }
    }

    /// Adds other rows after these.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.values.extend_from_slice(&other.values);
    }
}

/// Rows of different widths, one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ragged {
    values: Vec<f32>,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl Ragged {
    /// Has rows of these widths, with any values.
    pub(crate) fn reset(&mut self, widths: impl Iterator<Item = usize>) {
        self.ends.clear();
        let mut end = 0;
        self.ends.extend(widths.map(|width| {
            end += width;
            end
        }));
        self.values.resize(end, 0.0);
    }

    /// The number of rows.
    pub(crate) fn count(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn row(&self, at: usize) -> &[f32] {
        &self.values[self.span(at)]
    }

    pub(crate) fn row_mut(&mut self, at: usize) -> &mut [f32] {
        let span = self.span(at);
        &mut self.values[span]
    }

    fn span(&self, at: usize) -> Range<usize> {
        at.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[at]
    }
}

impl From<Rows> for Ragged {
    fn from(rows: Rows) -> Self {
        let ends = (1..=rows.count()).map(|row| row * rows.width).collect();
        Self { values: rows.values, ends }
    }
}

/// Texts side by side: a row for each piece.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Texts {
    pub(crate) rows: Rows,
    /// Where the rows of each text stand.
    pub(crate) spans: Vec<Range<usize>>,
}

impl Texts {
    /// The rows of texts of so many pieces each.
    pub(crate) fn new(rows: Rows, lengths: impl IntoIterator<Item = usize>) -> Self {
        Self { rows, spans: spans(lengths) }
    }

    /// Texts side by side, from the rows of each, all of one width.
    pub(crate) fn beside(texts: &[&Rows]) -> Self {
        let mut rows = Rows::zeros(0, texts.first().map_or(0, |text| text.width()));
        for text in texts {
            rows.extend(text);
        }
        Self::new(rows, texts.iter().map(|text| text.count()))
    }
}

/// Where texts of these lengths stand, one after the other.
pub(crate) fn spans(lengths: impl IntoIterator<Item = usize>) -> Vec<Range<usize>> {
    let mut end = 0;
    let span = |length| {
        let start = end;
        end += length;
        start..end
    };
    lengths.into_iter().map(span).collect()
}

/// Groups of texts that stand one after the other, each of at most `most` pieces, or of one text.
pub(crate) fn groups(lengths: &[usize], most: usize) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut pieces = 0;
    for (at, &length) in lengths.iter().enumerate() {
        if let Some(group) = groups.last_mut().filter(|_| pieces + length <= most) {
            group.end = at + 1;
        } else {
            groups.push(at..at + 1);
            pieces = 0;
        }
        pieces += length;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_one_after_the_other() {
        let (one, other) = (Rows::new(vec![1.0, 2.0, 3.0, 4.0], 2), Rows::new(vec![5.0, 6.0], 2));
        let texts = Texts::beside(&[&one, &other]);
        assert_eq!((texts.rows.count(), texts.rows.row(2)), (3, &[5.0, 6.0][..]));
        assert_eq!((texts.rows.some(&texts.spans[0]), texts.rows.some(&texts.spans[1])), (one, other));
        assert_eq!(Rows::of(&texts.rows.tensor()), texts.rows);
    }

    #[test]
    fn groups_hold_so_many_pieces_or_one_text() {
        assert_eq!(groups(&[3, 3, 9, 1, 1, 4, 2], 6), [0..2, 2..3, 3..6, 6..7]);
        assert!(groups(&[], 6).is_empty());
    }
}
