//! What a decoder keeps from step to step.

use std::ops::Range;

use super::{
    DecoderLayer,
    attention::Attention,
    rows::{Rows, Texts, spans},
    selection::{Selected, Selection},
};

/// Decoding under way: some rows for each source, one piece after the other, all rows as long.
pub(crate) struct State {
    /// By layer and by step, key and value of the piece of each row, as the rows were then. Nothing is moved when rows
    /// come and go.
    own: Vec<Vec<Rows>>,
    /// For each row, where its piece stood at each step.
    places: Vec<Vec<usize>>,
    /// By layer, the keys and values of the sources.
    others: Vec<Rows>,
    /// Where those of each source stand.
    sources: Vec<Range<usize>>,
    /// The rows for each source.
    width: usize,
    selection: Option<Selection>,
}

impl State {
    pub(super) fn new(layers: &[DecoderLayer], source: &Texts, width: usize, selection: Option<Selection>) -> Self {
        Self {
            own: layers.iter().map(|_| Vec::new()).collect(),
            places: vec![Vec::new(); source.spans.len() * width],
            others: layers.iter().map(|layer| layer.memory(&source.rows)).collect(),
            sources: source.spans.clone(),
            width,
            selection,
        }
    }

    /// The number of pieces so far.
    pub(super) fn length(&self) -> usize {
        self.places.first().map_or(0, Vec::len)
    }

    /// The output layer over selected pieces, where some are.
    pub(super) fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    /// The source of a row.
    pub(super) fn source(&self, row: usize) -> usize {
        row / self.width
    }

    /// Where the rows of each source stand.
    pub(super) fn rows(&self) -> Vec<Range<usize>> {
        spans(self.sources.iter().map(|_| self.width))
    }

    /// The keys and values of the sources in a layer, and where those of each stand.
    pub(super) fn others(&self, layer: usize) -> (&Rows, &[Range<usize>]) {
        (&self.others[layer], &self.sources)
    }

    /// The pieces among which the next one of a row is looked for, where they are not all.
    pub(crate) fn selected(&self, row: usize) -> Option<Selected<'_>> {
        self.selection.as_ref().map(|selection| selection.of(self.source(row)))
    }

    /// Goes on by one piece in each row.
    pub(super) fn advance(&mut self) {
        self.places.iter_mut().enumerate().for_each(|(row, places)| places.push(row));
    }

    /// Keeps key and value of a layer for the last piece of each row, and mixes what its query finds (all three side by
    /// side in rows × 3 · width): rows × width.
    pub(super) fn own(&mut self, layer: usize, together: &Rows, heads: usize) -> Rows {
        let width = together.width() / 3;
        let mut mixed = Rows::zeros(together.count(), width);
        self.own[layer].push(together.columns(width..3 * width));
        let steps = &self.own[layer];
        let (mut attention, mut seen) = (Attention::default(), Vec::new());
        for (row, places) in self.places.iter().enumerate() {
            seen.clear();
            seen.extend(steps.iter().zip(places).map(|(step, &place)| step.row(place)));
            attention.attend(&together.row(row)[..width], &seen, heads, mixed.row_mut(row));
        }
        mixed
    }

    /// Goes on with these rows, and with these sources, of which each has as many rows as before.
    pub(crate) fn keep(&mut self, sources: Option<&[usize]>, rows: &[usize]) {
        self.places = rows.iter().map(|&row| self.places[row].clone()).collect();
        if let Some(sources) = sources {
            self.sources = sources.iter().map(|&source| self.sources[source].clone()).collect();
            self.selection.iter_mut().for_each(|selection| selection.keep(sources));
        }
    }
}
