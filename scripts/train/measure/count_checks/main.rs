//! Counts what the checks inside pairs find of faults that are planted in right pairs, and how often they are wrong
//! about right ones.
//!
//! ```text
//! cargo run --release --no-default-features --example count_checks -- GOLD… [--show CHECK]
//! ```
//! Each `GOLD` is a folder of gold alignments with their texts: `zh/NAME` and `en/NAME`, a sentence a line, and
//! `gold/NAME` or `gold/NAME.align`. Out comes, for each folder and check, the alarms over its pairs, which all pass for
//! right, and for each kind of fault how many were planted and found. A fault is planted in one pair at a time, with the
//! pairs around it, and only where the check says nothing of the pair as it is. Nothing of the texts is written
//! anywhere, but shown where that is asked for.

#![expect(clippy::print_stdout, reason = "a program that reports what it finds")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use mtalign::{
    bead::{Alignment, Bead, Run},
    both::Both,
    coverage,
    document::{ByteMap, Check, Checks, Finding, Original, Sentence, Sentences},
    evaluate,
    text::Lang,
};

mod faults;

/// Counts what the checks find, and when they are wrong.
#[derive(Parser)]
struct Options {
    /// Folders of gold alignments.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Show the pairs of which a check says something, as they are; and the faults that it overlooks.
    #[arg(long, value_name = "CHECK")]
    show: Option<Checks>,
    /// Look at each right pair alone, as the filters of data sets do, and plant nothing.
    #[arg(long)]
    alone: bool,
}

/// The pairs around a pair in which a fault is planted, before and behind it.
const AROUND: usize = 3;

/// The texts of a pair, and its sentences by side.
type Pair = Both<Vec<String>>;

fn main() -> Result<()> {
    let options = Options::parse();
    for folder in &options.folders {
        let documents = read(folder)?;
        let count: usize = documents.iter().map(Vec::len).sum();
        println!("{}: {count} pairs", folder.display());
        if options.alone {
            alarms_alone(&documents, count);
        } else {
            alarms(&documents, count, options.show);
            recall(&documents, options.show);
        }
    }
    Ok(())
}

/// The pairs of each document of a folder, in order.
fn read(folder: &Path) -> Result<Vec<Vec<Pair>>> {
    let names = fs::read_dir(folder.join("zh")).with_context(|| format!("cannot read `{}/zh`", folder.display()))?;
    let mut names: Vec<_> = names.collect::<Result<Vec<_>, _>>()?.into_iter().map(|entry| entry.file_name()).collect();
    names.sort();
    let of_name = |name: &std::ffi::OsString| {
        let lines = |side: &str| {
            let path = folder.join(side).join(name);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            Ok::<Vec<String>, anyhow::Error>(text.lines().map(str::to_owned).collect())
        };
        let (chinese, english) = (lines("zh")?, lines("en")?);
        let gold = folder.join("gold").join(name);
        let with_ending = folder.join("gold").join(format!("{}.align", name.display()));
        let beads = evaluate::read(if gold.exists() { &gold } else { &with_ending })?;
        let mut pairs = Vec::new();
        for link in beads.iter().filter(|link| !link.source.is_empty() && !link.target.is_empty()) {
            let texts = |lines: &[String], ids: &[usize]| ids.iter().map(|&id| lines.get(id).cloned()).collect();
            let (Some(source), Some(target)) = (texts(&chinese, &link.source), texts(&english, &link.target)) else {
                ensure!(false, "`{}` names lines that are not there", gold.display());
                continue;
            };
            pairs.push(Both::new(source, target));
        }
        Ok(pairs)
    };
    names.iter().map(of_name).collect()
}

/// What the `checks` find in pairs that stand one after another, by the number of the pair.
fn findings(pairs: &[Pair], checks: Checks) -> Vec<(usize, Finding)> {
    let side = |lang, lines: Vec<&String>| {
        let text = lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n");
        let original = Arc::new(Original::new("pairs", text, ByteMap::shifted(0)));
        let items = original.lines().enumerate().map(|(id, span)| Sentence { span, paragraph: 0, id }).collect();
        Sentences { lang, original, items }
    };
    let sentences = Both::new(
        side(Lang::Zh, pairs.iter().flat_map(|pair| &pair.source).collect()),
        side(Lang::En, pairs.iter().flat_map(|pair| &pair.target).collect()),
    );
    let mut reached = Both::new(0, 0);
    let beads = pairs.iter().map(|pair| {
        let end = Both::new(reached.source + pair.source.len(), reached.target + pair.target.len());
        let runs = reached.zip(end).map(|(start, end)| Run::new(start, end));
        reached = end;
        Bead { runs, confidence: 1.0 }
    });
    let alignment = Alignment::new(beads.collect());
    let found = coverage::checks::of_document(&sentences, &alignment, 0.0, checks);
    let number =
        |finding: &Finding| alignment.beads().partition_point(|bead| bead.runs.source.end <= finding.runs.source.start);
    found.into_iter().map(|finding| (number(&finding), finding)).collect()
}

/// Prints the alarms of each check over right pairs, each looked at by itself.
fn alarms_alone(documents: &[Vec<Pair>], count: usize) {
    let mut alarms: BTreeMap<Check, usize> = BTreeMap::new();
    for pair in documents.iter().flatten() {
        let (source, target) = (pair.source.join(""), pair.target.join(" "));
        for found in coverage::checks::of_pair(Both::new(&source, &target), Check::ALL.into_iter().collect()) {
            *alarms.entry(found.check).or_default() += 1;
        }
    }
    print(&alarms, count);
}

/// Prints the alarms of each check over right pairs.
fn alarms(documents: &[Vec<Pair>], count: usize, show: Option<Checks>) {
    let mut alarms: BTreeMap<Check, usize> = BTreeMap::new();
    for pairs in documents {
        for (number, finding) in findings(pairs, Check::ALL.into_iter().collect()) {
            *alarms.entry(finding.check).or_default() += 1;
            if show.is_some_and(|checks| checks.has(finding.check)) {
                let pair = &pairs[number];
                let first = Both::new(finding.runs.source.start, finding.runs.target.start);
                let places = finding.places.as_ref().zip(first).zip(pair.as_ref());
                let Both { source, target } = places.map(|((places, first), lines)| {
                    let bit = |place: &mtalign::document::Place| lines[place.sentence - first].get(place.bytes.clone());
                    places.iter().filter_map(bit).collect::<Vec<_>>().join(" ")
                });
                println!(
                    "  {}: {source} | {target}\n    {}\n    {}",
                    finding.check,
                    pair.source.join(""),
                    pair.target.join(" ")
                );
            }
        }
    }
    print(&alarms, count);
}

fn print(alarms: &BTreeMap<Check, usize>, count: usize) {
    // That of consistency is none of single pairs.
    for check in Check::ALL.into_iter().filter(|&check| check != Check::Consistency) {
        let alarms = alarms.get(&check).copied().unwrap_or_default();
        println!("  {check:<14} {alarms:>4} alarms, {:.1} in 1,000 pairs", 1000.0 * alarms as f64 / count as f64);
    }
}

/// Prints how many faults of each kind are found.
fn recall(documents: &[Vec<Pair>], show: Option<Checks>) {
    for fault in faults::ALL {
        let (mut planted, mut found) = (0, 0);
        for pairs in documents {
            for number in 0..pairs.len() {
                let Some(wrong) = fault.plant(&pairs[number]) else { continue };
                let start = number.saturating_sub(AROUND);
                let mut around = pairs[start..pairs.len().min(number + AROUND + 1)].to_vec();
                let is_found = |pairs: &[Pair]| {
                    findings(pairs, [fault.check].into_iter().collect()).iter().any(|(at, _)| *at == number - start)
                };
                let Both { source, target } = &wrong;
                let (source, target) = (source.join(""), target.join(" "));
                around[number - start] = fault.base(&pairs[number]);
                if is_found(&around) {
                    continue;
                }
                around[number - start] = wrong;
                planted += 1;
                if is_found(&around) {
                    found += 1;
                } else if show.is_some_and(|checks| checks.has(fault.check)) {
                    println!("  overlooked, {}:\n    {source}\n    {target}", fault.name);
                }
            }
        }
        if planted > 0 {
            let share = f64::from(found) / f64::from(planted);
            println!("  {:<14} {}: {found} of {planted} found ({share:.3})", fault.check.name(), fault.name);
        }
    }
}
