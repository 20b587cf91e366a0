//! What the checks found inside pairs, as JSON.

use std::borrow::Cow;

use serde::Serialize;

use crate::{
    both::Both,
    document::{Finding, Place, Sentences},
    write::findings,
};

#[derive(Serialize)]
pub(super) struct FindingJson<'a> {
    check: &'static str,
    zh_ids: Vec<usize>,
    en_ids: Vec<usize>,
    zh: Vec<BitJson<'a>>,
    en: Vec<BitJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<OtherJson<'a>>,
}

impl<'a> FindingJson<'a> {
    pub(super) fn of(finding: &'a Finding, sentences: &'a Both<Sentences>) -> Self {
        let sides = sentences.as_ref();
        let ids = sides.zip(finding.runs);
        let ids = ids.map(|(sentences, run)| sentences.items[run.range()].iter().map(|item| item.id).collect());
        let bits = sides.zip(finding.places.as_ref());
        let bits = bits.map(|(sentences, places)| places.iter().map(|place| BitJson::of(place, sentences)).collect());
        let before = finding.other.as_ref().map(|other| OtherJson {
            file: &other.file,
            line: other.line,
            zh: &other.texts.source,
            en: &other.texts.target,
        });
        let check = finding.check.name();
        Self { check, zh_ids: ids.source, en_ids: ids.target, zh: bits.source, en: bits.target, before }
    }
}

#[derive(Serialize)]
struct BitJson<'a> {
    id: usize,
    line: usize,
    text: Cow<'a, str>,
}

impl<'a> BitJson<'a> {
    fn of(place: &Place, sentences: &'a Sentences) -> Self {
        let id = sentences.items[place.sentence].id;
        Self { id, line: sentences.line(place.sentence), text: findings::text(sentences, place) }
    }
}

#[derive(Serialize)]
struct OtherJson<'a> {
    file: &'a str,
    line: usize,
    zh: &'a str,
    en: &'a str,
}
