//! Pairs to learn from and to be measured on: right ones, and the wrong ones that corpora have, made of them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use mtalign::evaluate;

/// What a pair is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A pair of the gold alignment.
    Right,
    /// A source and the target of the pair beside it.
    Neighbour,
    /// A source and a target of another place, as long as its own.
    Random,
    /// A right pair of which one side lacks a half.
    Half,
    /// A right pair of which one number was changed.
    Number,
}

impl Class {
    pub(crate) const WRONG: [Self; 4] = [Self::Neighbour, Self::Random, Self::Half, Self::Number];
}

/// A pair of texts.
pub(crate) struct Pair {
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) class: Class,
}

/// A document of pairs.
pub(crate) struct Document {
    pub(crate) set: String,
    pub(crate) pairs: Vec<Pair>,
}

/// The number of places among which one is looked for that is as long.
const TRIED: usize = 20;

/// The documents of the set in `folder`, each with its right pairs and the wrong ones made of them.
pub(crate) fn read_set(folder: &Path, random: &mut fastrand::Rng) -> Result<Vec<Document>> {
    let gold = folder.join("gold");
    let entries = fs::read_dir(&gold).with_context(|| format!("reading the folder `{}`", gold.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    files.sort();
    let set = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let documents: Vec<Vec<(String, String)>> = files.iter().map(|file| right(folder, file)).collect::<Result<_>>()?;
    let all: Vec<&(String, String)> = documents.iter().flatten().collect();
    let torn = |right: &Vec<(String, String)>| {
        let mut pairs = Vec::new();
        for (index, (zh, en)) in right.iter().enumerate() {
            let mut push = |zh: &str, en: &str, class| pairs.push(Pair { zh: zh.to_owned(), en: en.to_owned(), class });
            push(zh, en, Class::Right);
            if let Some((_, other)) = right.get(if random.bool() { index + 1 } else { index.wrapping_sub(1) }) {
                push(zh, other, Class::Neighbour);
            }
            let tried = (0..TRIED).map(|_| &all[random.usize(..all.len())].1).filter(|&other| other != en);
            if let Some(other) = tried.min_by_key(|other| other.len().abs_diff(en.len())) {
                push(zh, other, Class::Random);
            }
            let (zh_half, en_half) = (half(zh, random.bool()), half(en, random.bool()));
            match (zh_half, en_half) {
                (Some(part), _) if random.bool() => push(&part, en, Class::Half),
                (_, Some(part)) => push(zh, &part, Class::Half),
                _ => {}
            }
            if let Some(changed) = with_another_number(en, random).filter(|_| has_number(zh)) {
                push(zh, &changed, Class::Number);
            }
        }
        pairs
    };
    Ok(documents.iter().map(torn).map(|pairs| Document { set: set.clone(), pairs }).collect())
}

/// The right pairs of a document.
fn right(folder: &Path, gold: &Path) -> Result<Vec<(String, String)>> {
    let file_name = gold.file_name().unwrap_or_default().to_string_lossy();
    let name = file_name.strip_suffix(".align").unwrap_or(&file_name);
    let lines = |side: &str| {
        let path = folder.join(side).join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("reading `{}`", path.display()))?;
        Ok::<_, anyhow::Error>(text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
    };
    let (zh, en) = (lines("zh")?, lines("en")?);
    let joined = |lines: &[String], ids: &[usize], joiner| {
        let lines: Vec<&str> = ids.iter().filter_map(|&id| lines.get(id)).map(String::as_str).collect();
        lines.join(joiner)
    };
    let pairs =
        evaluate::read(gold)?.into_iter().map(|link| (joined(&zh, &link.source, ""), joined(&en, &link.target, " ")));
    Ok(pairs.filter(|(zh, en)| !zh.is_empty() && !en.is_empty()).collect())
}

/// The first or the last half of a text, cut at the comma or the end of a sentence that is nearest to its middle. None of a
/// text without one, or where a part would be short.
fn half(text: &str, first: bool) -> Option<String> {
    const LEAST: f64 = 0.25;
    let ends = text.char_indices().filter(|&(_, c)| "，。；！？,;.!?".contains(c)).map(|(at, c)| at + c.len_utf8());
    let cut = ends.filter(|&at| at < text.len()).min_by_key(|at| at.abs_diff(text.len() / 2))?;
    let share = cut as f64 / text.len() as f64;
    let (before, after) = text.split_at(cut);
    ((LEAST..=1.0 - LEAST).contains(&share)).then(|| if first { before } else { after }.trim().to_owned())
}

fn has_number(zh: &str) -> bool {
    zh.contains(|c: char| c.is_ascii_digit() || "二三四五六七八九十百千万亿".contains(c))
}

/// The text with a digit of one of its numbers changed; none where there is no number.
fn with_another_number(en: &str, random: &mut fastrand::Rng) -> Option<String> {
    let digits: Vec<usize> =
        en.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
    let at = *digits.get(random.usize(..digits.len().max(1)))?;
    let old = en.as_bytes()[at];
    let new = loop {
        let digit = random.u8(b'1'..=b'9');
        if digit != old {
            break digit;
        }
    };
    Some(format!("{}{}{}", &en[..at], char::from(new), &en[at + 1..]))
}
