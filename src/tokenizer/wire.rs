//! The wire format of protocol buffers: the bytes of a message in, its fields one after another out.
//!
//! A model file is such a message, and may come from anywhere. The reader looks at one level at a time and copies
//! nothing: what a field holds is a slice of the file, which is a message only for whoever reads it as one. So no
//! nesting can exhaust the stack, and no length that a file claims is ever allocated. Groups, the format's other way to
//! nest, were given up before SentencePiece was written and are refused.

/// The wire types that are read.
const VARINT: u64 = 0;
const EIGHT_BYTES: u64 = 1;
const LENGTH_DELIMITED: u64 = 2;
const FOUR_BYTES: u64 = 5;
const GROUPS: [u64; 2] = [3, 4];

/// Bytes of the longest integer.
const LONGEST_VARINT: usize = 10;

/// A fault of a message, and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at} {what}")]
pub(super) struct Malformed {
    /// Position in the file, 0-based.
    at: usize,
    what: &'static str,
}

/// A message, or what of one is not read yet. Copied, it is read again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'f> {
    rest: &'f [u8],
    /// Where `rest` begins in the file.
    at: usize,
}

/// The value of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'f> {
    /// A text, some bytes, or a message in the message.
    Bytes(Message<'f>),
    /// A number of four bytes.
    Four([u8; 4]),
    /// Any other number. Of these nothing is needed.
    Other,
}

impl<'f> Message<'f> {
    /// The message that a whole file is.
    pub(super) fn of_file(bytes: &'f [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// The bytes of the message, unread.
    pub(super) fn bytes(self) -> &'f [u8] {
        self.rest
    }

    /// The bytes as text.
    pub(super) fn text(self) -> Result<&'f str, Malformed> {
        std::str::from_utf8(self.rest)
            .map_err(|error| Malformed { at: self.at + error.valid_up_to(), what: "stands a text that is not UTF-8" })
    }

    /// The fault that the bytes at the beginning of what is there are wrong.
    pub(super) fn wrong(self, what: &'static str) -> Malformed {
        Malformed { at: self.at, what }
    }

    /// The next field: its number, and what it holds. `None` at the end.
    pub(super) fn next_field(&mut self) -> Result<Option<(u64, Value<'f>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let start = *self;
        let tag = self.varint()?;
        let (field, kind) = (tag >> 3, tag & 7);
        let value = match kind {
            _ if field == 0 || tag > u64::from(u32::MAX) => return Err(start.wrong("stands no field")),
            VARINT => {
                self.varint()?;
                Value::Other
            }
            EIGHT_BYTES => {
                self.take(8)?;
                Value::Other
            }
            LENGTH_DELIMITED => {
                let before = *self;
                let length = usize::try_from(self.varint()?).map_err(|_| before.wrong(TOO_LONG))?;
                Value::Bytes(self.take(length)?)
            }
            FOUR_BYTES => {
                let bytes = self.take(4)?;
                Value::Four(*bytes.rest.first_chunk().ok_or_else(|| bytes.wrong(TOO_LONG))?)
            }
            kind if GROUPS.contains(&kind) => return Err(start.wrong("stands a group, which no such file has")),
            _ => return Err(start.wrong("stands a field of no known type")),
        };
        Ok(Some((field, value)))
    }

    fn take(&mut self, length: usize) -> Result<Self, Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(|| self.wrong(TOO_LONG))?;
        let taken = Self { rest: taken, at: self.at };
        *self = Self { rest, at: self.at + length };
        Ok(taken)
    }

    /// An integer, seven bits a byte, the lowest first; bits beyond 64 are none.
    fn varint(&mut self) -> Result<u64, Malformed> {
        let start = *self;
        let mut value = 0_u64;
        for index in 0..LONGEST_VARINT {
            let byte = self.take(1)?.rest[0];
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(start.wrong("stands an integer without an end"))
    }
}

const TOO_LONG: &str = "something ends beyond the end of what holds it";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The fields of a message, with their bytes; or what is wrong.
    fn fields(bytes: &[u8]) -> Result<Vec<(u64, Vec<u8>)>, String> {
        let mut message = Message::of_file(bytes);
        let mut fields = Vec::new();
        while let Some((field, value)) = message.next_field().map_err(|error| error.to_string())? {
            fields.push(match value {
                Value::Bytes(bytes) => (field, bytes.bytes().to_vec()),
                Value::Four(bytes) => (field, bytes.to_vec()),
                Value::Other => (field, Vec::new()),
            });
        }
        Ok(fields)
    }

    #[test]
    fn fields_of_every_type_come_in_order() {
        let message = [
            &[0x08, 0x96, 0x01][..],
            &[0x12, 0x02, b'a', b'b'],
            &[0x1d, 1, 2, 3, 4],
            &[0x21, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0xfa, 0x01, 0x00],
        ];
        let expected = [(1, vec![]), (2, b"ab".to_vec()), (3, vec![1, 2, 3, 4]), (4, vec![]), (31, vec![])];
        assert_eq!(fields(&message.concat()).unwrap(), expected);
        assert_eq!(fields(&[]).unwrap(), []);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let huge = [&[0x08, 0x01, 0x12][..], &[0xff; 8], &[0x7f]].concat();
        for (message, expected) in [
            (&[0x08][..], "at byte 1 something ends beyond the end of what holds it"),
            (&[0x12, 0x05, b'a'], "at byte 2 something ends beyond"),
            (&[0x1d, 1, 2, 3], "at byte 1 something ends beyond"),
            (&huge, "at byte 12 something ends beyond"),
            (&[0xff; 11], "at byte 0 stands an integer without an end"),
            (&[0x08, 0x00, 0x13, 0x14], "at byte 2 stands a group"),
            (&[0x14], "at byte 0 stands a group"),
            (&[0x0f], "at byte 0 stands a field of no known type"),
            (&[0x00, 0x00], "at byte 0 stands no field"),
        ] {
            let error = fields(message).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_they_are_fields_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(fields) = fields(&bytes) {
                prop_assert!(fields.iter().map(|(_, content)| content.len() + 1).sum::<usize>() <= bytes.len());
            }
        }
    }
}
