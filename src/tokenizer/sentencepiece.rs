//! The file format of `SentencePiece`'s models (`.spm`): the pieces with their scores, and the table of the
//! normalisation. The file is a message of protocol buffers; all else in it is passed over.

use super::wire::{Malformed, Message, Value};

/// Fields of `ModelProto` in SentencePiece's `sentencepiece_model.proto`.
const PIECES: u64 = 1;
const NORMALIZER_SPEC: u64 = 3;

/// Fields of `ModelProto.SentencePiece`.
const PIECE: u64 = 1;
const SCORE: u64 = 2;

/// A field of `NormalizerSpec`.
const PRECOMPILED_CHARSMAP: u64 = 2;

/// The content of a model file, in slices of it.
pub(super) struct ModelFile<'f> {
    /// The pieces in their order, with their log-probabilities.
    pub(super) pieces: Vec<(&'f str, f32)>,
    /// The rules of the normalisation; empty where there are none.
    pub(super) normalisation: &'f [u8],
}

impl<'f> ModelFile<'f> {
    /// Reads the content of a file. Fails where it is no such message.
    pub(super) fn read(content: &'f [u8]) -> Result<Self, Malformed> {
        let mut file = Message::of_file(content);
        let mut model = Self { pieces: Vec::new(), normalisation: &[] };
        while let Some((field, value)) = file.next_field()? {
            match (field, value) {
                (PIECES, Value::Bytes(message)) => model.pieces.push(piece(message)?),
                (NORMALIZER_SPEC, Value::Bytes(message)) => model.normalisation = normalisation(message)?,
                _ => {}
            }
        }
        Ok(model)
    }
}

fn piece(mut message: Message<'_>) -> Result<(&str, f32), Malformed> {
    let start = message;
    let (mut text, mut score) = ("", 0.0);
    while let Some((field, value)) = message.next_field()? {
        match (field, value) {
            (PIECE, Value::Bytes(bytes)) => text = bytes.text()?,
            (SCORE, Value::Four(bytes)) => score = f32::from_le_bytes(bytes),
            _ => {}
        }
    }
    if score.is_finite() { Ok((text, score)) } else { Err(start.wrong("begins a piece whose score is no number")) }
}

fn normalisation(mut message: Message<'_>) -> Result<&[u8], Malformed> {
    let mut table = &[][..];
    while let Some((field, value)) = message.next_field()? {
        if let (PRECOMPILED_CHARSMAP, Value::Bytes(bytes)) = (field, value) {
            table = bytes.bytes();
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BUNDLED: &[u8] = include_bytes!("../../models/zh-en/source.spm");

    fn error(content: &[u8]) -> String {
        ModelFile::read(content).err().map(|error| error.to_string()).unwrap_or_default()
    }

    /// A field that holds bytes.
    fn holding(field: u8, content: &[u8]) -> Vec<u8> {
        let mut message = vec![field << 3 | 2];
        let mut length = content.len();
        while length > 0x7f {
            message.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        message.push(u8::try_from(length).unwrap());
        message.extend(content);
        message
    }

    #[test]
    fn the_bundled_file_has_its_pieces_and_its_table() {
        let model = ModelFile::read(BUNDLED).unwrap();
        assert!(model.pieces.len() > 10_000 && model.normalisation.len() > 10_000);
        assert!(model.pieces.iter().any(|&(piece, score)| piece == "▁the" && score < 0.0));
    }

    #[test]
    fn a_file_that_is_cut_short_is_refused_wherever_that_is() {
        for length in (1..BUNDLED.len()).step_by(997) {
            // Between two fields nothing is missing that could be missed here.
            let cut = error(&BUNDLED[..length]);
            assert!(cut.is_empty() || cut.contains("something ends beyond the end"), "{length}: {cut}");
        }
        assert!(error(&BUNDLED[..BUNDLED.len() - 1]).contains("something ends beyond the end"));
    }

    #[test]
    fn nesting_costs_nothing_however_deep() {
        let groups = vec![0x0b; 1_000_000];
        assert_eq!(error(&groups), "at byte 0 stands a group, which no such file has");
        assert_eq!(error(&holding(1, &groups)), "at byte 4 stands a group, which no such file has");
        let mut messages = Vec::new();
        for _ in 0..2_000 {
            messages = holding(3, &messages);
        }
        assert_eq!(error(&messages), "");
    }

    #[test]
    fn lengths_that_no_file_has_are_refused_without_being_allocated() {
        let huge = [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(error(&huge), "at byte 9 something ends beyond the end of what holds it");
    }

    #[test]
    fn scores_that_are_no_numbers_and_texts_that_are_none_are_refused() {
        for score in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let piece = [&holding(1, b"a")[..], &[0x15], &score.to_le_bytes()].concat();
            assert_eq!(error(&holding(1, &piece)), "at byte 2 begins a piece whose score is no number");
        }
        assert_eq!(error(&holding(1, &holding(1, b"a\xff"))), "at byte 5 stands a text that is not UTF-8");
    }

    proptest! {
        #[test]
        fn a_damaged_file_is_read_or_refused(at in 0..BUNDLED.len(), bytes in prop::collection::vec(any::<u8>(), 1..9)) {
            let mut damaged = BUNDLED.to_vec();
            damaged.splice(at..(at + bytes.len()).min(BUNDLED.len()), bytes);
            let _ = ModelFile::read(&damaged);
        }
    }
}
