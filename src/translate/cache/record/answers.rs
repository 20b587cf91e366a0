//! Every kind of answer as a record.

use super::{Reader, Record, write_float, write_number};
use crate::{
    both::Both,
    document::{Flaw, Translation},
    translate::{ForcedScore, tagger::Linked},
};

impl<T: Record> Record for Vec<T> {
    fn write(&self, to: &mut Vec<u8>) {
        write_number(to, self.len());
        for item in self {
            item.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.list(T::read)
    }
}

impl Record for Translation {
    fn write(&self, to: &mut Vec<u8>) {
        write_float(to, self.log_prob);
        to.push(flaw_number(self.flaw));
        write_number(to, self.text.len());
        to.extend(self.text.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let log_prob = from.float()?;
        let number = from.byte()?;
        let flaw = FLAWS.into_iter().find(|&flaw| flaw_number(flaw) == number)?;
        let length = from.number()?;
        let text = String::from_utf8(from.bytes(length)?.to_owned()).ok()?;
        Some(Self { text, log_prob, flaw })
    }
}

impl Record for ForcedScore {
    fn write(&self, to: &mut Vec<u8>) {
        write_float(to, self.log_prob);
        write_number(to, self.pieces);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self { log_prob: from.float()?, pieces: from.number()? })
    }
}

impl Record for f32 {
    fn write(&self, to: &mut Vec<u8>) {
        write_float(to, *self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.float()
    }
}

impl<T: Record> Record for Both<Vec<T>> {
    fn write(&self, to: &mut Vec<u8>) {
        self.source.write(to);
        self.target.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self::new(Record::read(from)?, Record::read(from)?))
    }
}

impl Record for Linked {
    fn write(&self, to: &mut Vec<u8>) {
        self.tags.write(to);
        self.links.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self { tags: Record::read(from)?, links: Record::read(from)? })
    }
}

/// Every flaw that a record can name, and none.
pub(super) const FLAWS: [Option<Flaw>; 9] = [
    None,
    Some(Flaw::Empty),
    Some(Flaw::Looping),
    Some(Flaw::Copied),
    Some(Flaw::TooShort),
    Some(Flaw::TooLong),
    Some(Flaw::Quantity),
    Some(Flaw::Negation),
    Some(Flaw::Incomplete),
];

/// The number of a flaw in a record, which never changes.
pub(super) fn flaw_number(flaw: Option<Flaw>) -> u8 {
    match flaw {
        None => 0,
        Some(Flaw::Empty) => 1,
        Some(Flaw::Looping) => 2,
        Some(Flaw::Copied) => 3,
        Some(Flaw::TooShort) => 4,
        Some(Flaw::TooLong) => 5,
        Some(Flaw::Quantity) => 6,
        Some(Flaw::Negation) => 7,
        Some(Flaw::Incomplete) => 8,
    }
}
