//! What a decoder keeps from step to step.

use tch::{Kind, Tensor};

use super::{
    super::network::Texts,
    DecoderLayer,
    layers::{scale, shares},
    selection::Selection,
};
use crate::tokenizer::PieceId;

/// The number of pieces for which there is room at first, and that is added when it is full.
const ROOM: i64 = 32;

/// Decoding under way: some rows for each source, one piece after the other, all rows as long.
pub(crate) struct State {
    /// Keys (rows × heads × width of a head × room) and values (rows × heads × room × width of a head) by layer.
    own: Vec<[Tensor; 2]>,
    /// Those of the sources: keys (sources × heads × width of a head × pieces) and values (sources × heads × pieces ×
    /// width of a head).
    others: Vec<[Tensor; 2]>,
    /// What hides the padding of the sources (sources × heads × 1 × pieces).
    mask: Tensor,
    /// The rows for each source.
    width: i64,
    heads: i64,
    length: i64,
    room: i64,
    selection: Option<Selection>,
}

impl State {
    pub(super) fn new(
        layers: &[DecoderLayer],
        source: &Texts,
        width: i64,
        heads: i64,
        selection: Option<Selection>,
    ) -> Self {
        let memory = |layer: &DecoderLayer| {
            let [key, value] = layer.memory(&source.states);
            [key.transpose(2, 3).contiguous(), value.contiguous()]
        };
        let others: Vec<_> = layers.iter().map(memory).collect();
        let rows = source.states.size()[0] * width;
        let head = source.states.size()[2] / heads;
        let options = (Kind::Float, source.states.device());
        let empty =
            || [Tensor::empty([rows, heads, head, ROOM], options), Tensor::empty([rows, heads, ROOM, head], options)];
        let mask = source.mask().expand([-1, heads, -1, -1], false).contiguous();
        Self {
            own: layers.iter().map(|_| empty()).collect(),
            others,
            mask,
            width,
            heads,
            length: 0,
            room: ROOM,
            selection,
        }
    }

    /// The number of pieces so far.
    pub(super) fn length(&self) -> i64 {
        self.length
    }

    /// The output layer over selected pieces, where some are.
    pub(super) fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    /// The pieces among which the next one of a row is looked for, in order, where they are not all.
    pub(crate) fn selected(&self, row: usize) -> Option<&[PieceId]> {
        let source = row / usize::try_from(self.width).unwrap_or(1);
        self.selection.as_ref().map(|selection| selection.pieces(source))
    }

    /// Makes room for one more piece.
    pub(super) fn make_room(&mut self) {
        if self.length < self.room {
            return;
        }
        self.room += ROOM;
        for [keys, values] in &mut self.own {
            *keys = keys.constant_pad_nd([0, ROOM]);
            *values = values.constant_pad_nd([0, 0, 0, ROOM]);
        }
    }

    pub(super) fn advance(&mut self) {
        self.length += 1;
    }

    /// Keeps key and value of a layer for the last piece of each row, and mixes what its query (each rows × heads ×
    /// width of a head) finds: rows × width.
    pub(super) fn own(&mut self, layer: usize, [query, key, value]: [Tensor; 3]) -> Tensor {
        let [keys, values] = &self.own[layer];
        keys.narrow(3, self.length, 1).copy_(&key.unsqueeze(3));
        values.narrow(2, self.length, 1).copy_(&value.unsqueeze(2));
        let seen = self.length + 1;
        let (keys, values) = (keys.flatten(0, 1).narrow(2, 0, seen), values.flatten(0, 1).narrow(1, 0, seen));
        let [rows, _, head] = query.size()[..] else { unreachable!("a query has three dimensions") };
        let query = (query * scale(head)).view([rows * self.heads, 1, head]);
        shares(&query.bmm(&keys)).bmm(&values).view([rows, -1])
    }

    /// Mixes what the query of each row (rows × heads × width of a head) finds in its source: rows × width.
    pub(super) fn other(&self, layer: usize, query: &Tensor) -> Tensor {
        let [keys, values] = &self.others[layer];
        let [rows, _, head] = query.size()[..] else { unreachable!("a query has three dimensions") };
        let query = (query * scale(head)).view([-1, self.width, self.heads, head]).transpose(1, 2);
        let query = query.reshape([-1, self.width, head]);
        let likeness = self.mask.flatten(0, 1).baddbmm(&query, &keys.flatten(0, 1), 1.0, 1.0);
        let mixed = shares(&likeness).bmm(&values.flatten(0, 1));
        mixed.view([-1, self.heads, self.width, head]).transpose(1, 2).reshape([rows, -1])
    }

    /// Goes on with these rows, and with these sources, of which each has as many rows as before.
    pub(crate) fn keep(&mut self, sources: Option<&Tensor>, rows: &Tensor) {
        let select = |[keys, values]: &mut [Tensor; 2], which: &Tensor| {
            *keys = keys.index_select(0, which);
            *values = values.index_select(0, which);
        };
        self.own.iter_mut().for_each(|kept| select(kept, rows));
        if let Some(sources) = sources {
            self.others.iter_mut().for_each(|kept| select(kept, sources));
            self.mask = self.mask.index_select(0, sources);
            self.selection.iter_mut().for_each(|selection| selection.keep(sources));
        }
    }
}
