//! Records: answers as bytes, and the keys under which they are kept.
//!
//! A key is the first half of the SHA-256 of everything that an answer depends on: the model's fingerprint, the settings,
//! the texts, and the code that translates. Where any of it changes, nothing that was kept before is found any more.

mod answers;

use sha2::{Digest, Sha256};
use twox_hash::XxHash3_64;

/// The version of keys and records: to be raised whenever either has another form.
const FORM: u32 = 1;

/// The code that makes answers, by a hash of its source, which the build script takes.
const CODE: &str = env!("MTALIGN_TRANSLATING_CODE");

/// The number of bytes of a record's checksum.
const CHECKSUM: usize = 4;

/// A kind of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The translation by which a text is aligned.
    Translation,
    /// The best translations of a beam, of which a draft is chosen.
    NBest,
    /// The scores of a target's sentences by forced decoding.
    Forced,
    /// The tags of a pair's pieces.
    Tags,
    /// The tags and the links of a pair's pieces.
    Links,
}

impl Kind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Translation, Self::NBest, Self::Forced, Self::Tags, Self::Links];

    /// The name in the plural, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Translation => "translations",
            Self::NBest => "drafts",
            Self::Forced => "forced scores",
            Self::Tags => "tags",
            Self::Links => "links",
        }
    }

    /// The number in keys and in the store, which never changes.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Translation => 1,
            Self::NBest => 2,
            Self::Forced => 3,
            Self::Tags => 4,
            Self::Links => 5,
        }
    }
}

/// The key of an answer: where it stands in the store, and what it is told by from another that would stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) id: i64,
    pub(super) rest: i64,
}

/// Makes the keys of one call.
pub(super) struct Keys(Sha256);

impl Keys {
    /// Keys of answers of this kind, by a model of this fingerprint, with these settings.
    pub(super) fn new(kind: Kind, fingerprint: &str, settings: &[usize]) -> Self {
        let mut hash = Sha256::new();
        hash.update(FORM.to_le_bytes());
        hash.update([kind.number()]);
        add(&mut hash, CODE.as_bytes());
        add(&mut hash, fingerprint.as_bytes());
        add_length(&mut hash, settings.len());
        for &setting in settings {
            add_length(&mut hash, setting);
        }
        Self(hash)
    }

    /// The key of a question of some lists of texts. Other lists have another key, however they are cut.
    pub(super) fn of<T: AsRef<[u8]>>(&self, question: &[&[T]]) -> Key {
        let mut hash = self.0.clone();
        add_length(&mut hash, question.len());
        for list in question {
            add_length(&mut hash, list.len());
            for text in *list {
                add(&mut hash, text.as_ref());
            }
        }
        let hash = hash.finalize();
        let number = |start: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&hash[start..start + 8]);
            i64::from_le_bytes(bytes)
        };
        Key { id: number(0), rest: number(8) }
    }
}

fn add(hash: &mut Sha256, bytes: &[u8]) {
    add_length(hash, bytes.len());
    hash.update(bytes);
}

fn add_length(hash: &mut Sha256, length: usize) {
    hash.update((length as u64).to_le_bytes());
}

/// An answer that can be kept. Numbers come back bit for bit.
pub(super) trait Record: Sized {
    /// Appends the bytes of the answer.
    fn write(&self, to: &mut Vec<u8>);

    /// Reads the answer; none where the bytes are of no answer.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

/// The bytes of an answer, with a checksum before them: a store tells damage of its pages only where it meets some.
pub(super) fn pack(answer: &impl Record) -> Vec<u8> {
    let mut bytes = vec![0; CHECKSUM];
    answer.write(&mut bytes);
    let sum = checksum(&bytes[CHECKSUM..]);
    bytes[..CHECKSUM].copy_from_slice(&sum);
    bytes
}

/// The answer whose bytes these are; none where they are damaged.
pub(super) fn unpack<R: Record>(bytes: &[u8]) -> Option<R> {
    let (sum, body) = bytes.split_at_checked(CHECKSUM)?;
    let mut reader = Reader(body);
    let answer = if sum == checksum(body) { R::read(&mut reader)? } else { return None };
    reader.0.is_empty().then_some(answer)
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let [sum @ .., _, _, _, _] = XxHash3_64::oneshot(bytes).to_le_bytes();
    sum
}

/// What is left of a record's bytes.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    fn float(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    /// A number as [`write_number`] writes it.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // Bits that no number has.
            if (bits << shift) >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    /// A list that begins with its length. Each item takes a byte or more, so that a false length ends with the bytes.
    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        (0..count).map(|_| item(self)).collect()
    }
}

/// Writes a number, seven bits a byte, the low ones first.
fn write_number(to: &mut Vec<u8>, number: usize) {
    let mut rest = number as u64;
    while rest >= 0x80 {
        to.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    to.push(rest.to_le_bytes()[0]);
}

fn write_float(to: &mut Vec<u8>, float: f32) {
    to.extend(float.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::{
        answers::{FLAWS, flaw_number},
        *,
    };
    use crate::{
        both::Both,
        document::Translation,
        translate::{ForcedScore, tagger::Linked},
    };

    /// Bytes with the checksum that makes them a record's.
    fn sealed(body: &[u8]) -> Vec<u8> {
        [&checksum(body)[..], body].concat()
    }

    fn is_none_or_the_same<R: Record>(bytes: &[u8]) {
        if let Some(answer) = unpack::<R>(bytes) {
            assert_eq!(unpack::<R>(&pack(&answer)).map(|again| pack(&again)), Some(pack(&answer)));
        }
    }

    #[test]
    fn flaws_are_told_apart() {
        let numbers: HashSet<u8> = FLAWS.into_iter().map(flaw_number).collect();
        assert_eq!(numbers.len(), FLAWS.len());
    }

    #[test]
    fn whatever_answers_depend_on_is_in_their_keys() {
        let key = |kind, fingerprint: &str, settings: &[usize], question: &[&[&str]]| {
            Keys::new(kind, fingerprint, settings).of(question)
        };
        let keys = [
            key(Kind::Translation, "model", &[], &[&["雨"]]),
            key(Kind::NBest, "model", &[], &[&["雨"]]),
            key(Kind::Translation, "other", &[], &[&["雨"]]),
            key(Kind::Translation, "model", &[4], &[&["雨"]]),
            key(Kind::Translation, "model", &[5], &[&["雨"]]),
            key(Kind::Translation, "model", &[], &[&["雪"]]),
            key(Kind::Forced, "model", &[], &[&["雨"], &["It", " rained."]]),
            key(Kind::Forced, "model", &[], &[&["雨"], &["It rained."]]),
            key(Kind::Forced, "model", &[], &[&["雨"], &["It rained.", ""]]),
            key(Kind::Forced, "model", &[], &[&["雨", "It rained."], &[]]),
        ];
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
        assert_eq!(keys[0], key(Kind::Translation, "model", &[], &[&["雨"]]));
    }

    #[test]
    fn a_number_that_is_too_long_is_none() {
        assert_eq!(Reader(&[0xff; 10]).number(), None);
        assert_eq!(Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).number(), None);
    }

    fn any_float() -> impl Strategy<Value = f32> {
        any::<u32>().prop_map(f32::from_bits)
    }

    fn bits(floats: &[f32]) -> Vec<u32> {
        floats.iter().map(|float| float.to_bits()).collect()
    }

    proptest! {
        #[test]
        fn answers_come_back_bit_for_bit(
            text: String,
            log_prob in any_float(),
            flaw in prop::sample::select(FLAWS.to_vec()),
            pieces: usize,
            source in prop::collection::vec(any_float(), 0..9),
            target in prop::collection::vec(any_float(), 0..9),
        ) {
            let translations = vec![Translation { text, log_prob, flaw }; 3];
            let found: Vec<Translation> = unpack(&pack(&translations)).unwrap();
            prop_assert_eq!(found.len(), 3);
            prop_assert_eq!((&found[2].text, found[2].flaw), (&translations[0].text, flaw));
            prop_assert_eq!(found[2].log_prob.to_bits(), log_prob.to_bits());
            let scores: Vec<ForcedScore> = unpack(&pack(&vec![ForcedScore { log_prob, pieces }])).unwrap();
            prop_assert_eq!((scores[0].log_prob.to_bits(), scores[0].pieces), (log_prob.to_bits(), pieces));
            let tags: Both<Vec<f32>> = unpack(&pack(&Both::new(source.clone(), target.clone()))).unwrap();
            prop_assert_eq!((bits(&tags.source), bits(&tags.target)), (bits(&source), bits(&target)));
            let links = Both::new(vec![source.clone(), target.clone()], vec![target]);
            let found: Linked = unpack(&pack(&Linked { tags, links: links.clone() })).unwrap();
            prop_assert_eq!(bits(&found.tags.source), bits(&source));
            prop_assert_eq!(bits(&found.links.source.concat()), bits(&links.source.concat()));
            prop_assert_eq!((found.links.source.len(), found.links.target.len()), (2, 1));
        }

        #[test]
        fn no_bytes_are_read_as_what_they_are_not(body in prop::collection::vec(any::<u8>(), 0..64)) {
            for bytes in [&sealed(&body), &body] {
                is_none_or_the_same::<Translation>(bytes);
                is_none_or_the_same::<Vec<Translation>>(bytes);
                is_none_or_the_same::<Vec<ForcedScore>>(bytes);
                is_none_or_the_same::<Both<Vec<f32>>>(bytes);
                is_none_or_the_same::<Linked>(bytes);
            }
        }

        #[test]
        fn a_record_with_a_changed_byte_is_none(text: String, place: prop::sample::Index, change in 1..=255_u8) {
            let mut bytes = pack(&Translation { text, log_prob: -0.5, flaw: None });
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            prop_assert!(unpack::<Translation>(&bytes).is_none());
        }
    }
}
