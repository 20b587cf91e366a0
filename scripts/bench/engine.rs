//! Times our decoding of the lines of a file, with the loading of the model apart.
//!
//! ```sh
//! cargo run --release --example bench_engine -- MODEL LINES [--pass fast|single|reference] [--threads N] [--beam N]
//!     [--forced TARGETS] [--out FILE]
//! ```
//! Out: one line of JSON: seconds of loading and of the work, target pieces, the peak memory in KiB. The translations
//! go to FILE, a line each. With `--forced` the lines of TARGETS are scored instead, each given its source.

#![expect(clippy::print_stdout, reason = "the figures are its output")]

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use mtalign::{
    bundle::Bundle,
    text::Lang,
    tokenizer::Tokenizer,
    translate::{Compute, Forced, Pass, Translator, marian::Marian},
};

#[derive(Parser)]
struct Options {
    model: String,
    lines: PathBuf,
    #[arg(long, value_enum, default_value = "fast")]
    pass: Passes,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// The width of the beam; 1 searches greedily.
    #[arg(long, default_value_t = 1)]
    beam: usize,
    #[arg(long)]
    forced: Option<PathBuf>,
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Passes {
    Fast,
    Single,
    Reference,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let pass = match options.pass {
        Passes::Fast => Pass::Fast,
        Passes::Single => Pass::Single,
        Passes::Reference => Pass::Reference,
    };
    let dir = Bundle::resolve(&options.model)?.dir;
    let begun = Instant::now();
    let mut model = Marian::load(&dir, Compute { threads: options.threads, pass, ..Compute::default() })?;
    let load = begun.elapsed().as_secs_f64();
    let tokenizer = Tokenizer::load(&dir)?;
    let lines = |path: &PathBuf| fs::read_to_string(path).with_context(|| format!("reading `{}`", path.display()));
    let text = lines(&options.lines)?;
    let sources: Vec<&str> = text.lines().collect();
    let begun = Instant::now();
    let (seconds, pieces) = if let Some(path) = &options.forced {
        let targets = lines(path)?;
        let targets: Vec<[&str; 1]> = targets.lines().map(|line| [line]).collect();
        let pair = |(&source, target)| Forced { source, target };
        let scores =
            model.log_probs(&sources.iter().zip(&targets).map(|(s, t)| pair((s, &t[..]))).collect::<Vec<_>>())?;
        let seconds = begun.elapsed().as_secs_f64();
        let all: Vec<_> = scores.iter().flatten().collect();
        (seconds, all.iter().map(|score| score.pieces).sum())
    } else {
        let texts = model.unchecked(&sources, options.beam)?;
        let seconds = begun.elapsed().as_secs_f64();
        let pieces: usize = texts.iter().map(|text| tokenizer.encode(text, Lang::En).len() + 1).sum();
        if let Some(path) = &options.out {
            fs::write(path, texts.iter().map(|text| text.replace('\n', " ") + "\n").collect::<Vec<_>>().concat())?;
        }
        (seconds, pieces)
    };
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let peak = peak.trim().trim_end_matches(" kB");
    println!("{{\"load\": {load:.3}, \"seconds\": {seconds:.3}, \"pieces\": {pieces}, \"peak_kib\": {peak}}}");
    Ok(())
}
