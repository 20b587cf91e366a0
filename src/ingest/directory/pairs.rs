//! The files of a folder → the documents that they are: pairs whose names differ in the language alone, and single files.

use std::{collections::BTreeMap, path::PathBuf};

use crate::text::Lang;

/// A file of a known kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// The name without mark and ending.
    pub(super) name: String,
    /// The ending as it is written, without its dot.
    pub(super) ending: String,
    /// The language that its name or its folder says.
    pub(super) lang: Option<Lang>,
}

/// A document in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ingest) enum Place {
    /// A file by itself.
    One(PathBuf),
    /// Two files of one text.
    Two {
        /// The Chinese one.
        zh: PathBuf,
        /// The English one.
        en: PathBuf,
    },
    /// A file that is said to be of one language, while there is none for the other.
    Alone {
        /// The file.
        path: PathBuf,
        /// The language that there is no file of.
        missing: Lang,
    },
}

/// The documents that `files` are, each with the name that both files of a pair have, and the ending of the Chinese one.
///
/// Two files of one name and ending are a pair; where only one of them says its language, so is the other. Then files that
/// say it and are left, of whatever ending.
pub(super) fn documents(files: Vec<File>) -> Vec<(String, Place)> {
    let mut by_name: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in files {
        by_name.entry(file.name.clone()).or_default().push(file);
    }
    by_name.into_values().flat_map(of_one_name).collect()
}

/// The documents of files that have the same name.
fn of_one_name(files: Vec<File>) -> Vec<(String, Place)> {
    let mut by_ending: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in files {
        by_ending.entry(file.ending.to_lowercase()).or_default().push(file);
    }
    let mut found = Vec::new();
    let (mut left_zh, mut left_en) = (Vec::new(), Vec::new());
    for files in by_ending.into_values() {
        let of = |lang| files.iter().filter(move |file| file.lang == lang).cloned().collect::<Vec<File>>();
        let (zh, en, plain) = (of(Some(Lang::Zh)), of(Some(Lang::En)), of(None));
        let singles = match (zh.is_empty(), en.is_empty()) {
            (false, false) => {
                pair_up(&zh, &en, &mut found);
                plain
            }
            (false, true) if !plain.is_empty() => {
                pair_up(&zh, &plain[..1], &mut found);
                plain[1..].to_vec()
            }
            (true, false) if !plain.is_empty() => {
                pair_up(&plain[..1], &en, &mut found);
                plain[1..].to_vec()
            }
            _ => {
                left_zh.extend(zh);
                left_en.extend(en);
                plain
            }
        };
        found.extend(singles.into_iter().map(|file| (named(&file), Place::One(file.path))));
    }
    let pairs = left_zh.len().min(left_en.len());
    for (zh, en) in left_zh.drain(..pairs).zip(left_en.drain(..pairs)) {
        found.push((named(&zh), Place::Two { zh: zh.path, en: en.path }));
    }
    let alone = |file: File, missing| (named(&file), Place::Alone { path: file.path, missing });
    found.extend(left_zh.into_iter().map(|file| alone(file, Lang::En)));
    found.extend(left_en.into_iter().map(|file| alone(file, Lang::Zh)));
    found
}

/// Pairs of files of one text; where a language has several of them, such as those of two regions, each is paired with
/// the first of the other.
fn pair_up(zh: &[File], en: &[File], found: &mut Vec<(String, Place)>) {
    let (Some(first_zh), Some(first_en)) = (zh.first(), en.first()) else { return };
    let of_zh = zh.iter().map(|zh| (zh, first_en));
    let of_en = en.iter().skip(1).map(|en| (first_zh, en));
    for (zh, en) in of_zh.chain(of_en) {
        found.push((named(zh), Place::Two { zh: zh.path.clone(), en: en.path.clone() }));
    }
}

fn named(file: &File) -> String {
    if file.ending.is_empty() { file.name.clone() } else { format!("{}.{}", file.name, file.ending) }
}
