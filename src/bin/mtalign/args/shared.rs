//! Arguments that several commands share: the texts, the models, and how much to say.

use std::{
    collections::BTreeMap,
    num::NonZeroU16,
    path::{Path, PathBuf},
};

use clap::{ArgMatches, Args, Command, ValueEnum};
use mtalign::{
    aligner::PinnedBeads,
    bundle::DEFAULT_MODEL,
    error::Result,
    evaluate::{self, Link},
    ingest::{Input, Layout},
    segment::Segmentation,
    translate::{self, Compute},
    write::Format,
};

use super::is_standard;
use crate::commands::tell;

/// Which texts.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Texts that hold both languages (.txt, .md, .html, .docx, .epub, .srt, .vtt, .ass), directories of such or of pairs of files
    /// (`NAME.zh.txt` beside `NAME.en.txt`, `zh/NAME.txt` beside `en/NAME.txt`), or documents a line (.jsonl: `{"id": …,
    /// "text": …}` or `{"id": …, "zh": …, "en": …}`); `-` is standard input.
    #[arg(value_name = "INPUT", required_unless_present_any = ["zh", "en"])]
    pub(crate) inputs: Vec<PathBuf>,
    /// The Chinese text, where each language has a file of its own.
    #[arg(long, value_name = "FILE", requires = "en", conflicts_with = "inputs")]
    zh: Option<PathBuf>,
    /// The English text, where each language has a file of its own.
    #[arg(long, value_name = "FILE", requires = "zh", conflicts_with = "inputs")]
    en: Option<PathBuf>,
    /// The texts have one sentence a line already; a blank line ends a paragraph.
    #[arg(long)]
    sentences: bool,
    /// Keep these beads as they are and align the rest between them: an index as `align -f index` and the page of
    /// `coverage --report` write it, or whatever else `evaluate` reads.
    #[arg(long = "fixed", value_name = "FILE")]
    pub(crate) pinned: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) errors: ErrorArgs,
}

/// Where it is told what could not be done.
#[derive(Debug, Args)]
pub(crate) struct ErrorArgs {
    /// Where a document is told that could not be done: `stderr`, or `inline`, a line `{"id": …, "error": …}` in its place.
    /// With `inline` each INPUT is JSON Lines, whatever its name, and so is the output; each line comes out as soon as it is
    /// done.
    #[arg(long, value_enum, value_name = "WHERE", default_value_t)]
    errors: Errors,
}

impl ErrorArgs {
    pub(crate) fn are_inline(&self) -> bool {
        self.errors == Errors::Inline
    }

    /// What is read at `path`.
    pub(crate) fn input(&self, path: &Path) -> Input {
        if self.are_inline() { Input::Records(path.to_owned()) } else { Input::Mixed(path.to_owned()) }
    }

    /// The format of an output, from what was asked for and its name.
    pub(crate) fn format(&self, asked: Option<Format>, output: &Path) -> Format {
        let usual = if self.are_inline() { Format::Jsonl } else { Format::default() };
        asked.or_else(|| Format::from_path(output)).unwrap_or(usual)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Errors {
    #[default]
    Stderr,
    Inline,
}

/// How what is said of documents is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Spoken {
    /// For people.
    #[default]
    Text,
    /// For programs, a line a document.
    Jsonl,
}

/// Pinned beads, read from their file.
pub(crate) struct Pinned {
    path: String,
    links: Vec<Link>,
}

impl Pinned {
    pub(crate) fn borrow(&self) -> PinnedBeads<'_> {
        PinnedBeads { path: &self.path, links: &self.links }
    }
}

impl InputArgs {
    /// The inputs to read.
    pub(crate) fn documents(&self) -> Vec<Input> {
        match (&self.zh, &self.en) {
            (Some(zh), Some(en)) => vec![Input::Two { zh: zh.clone(), en: en.clone() }],
            _ => self.inputs.iter().map(|path| self.errors.input(path)).collect(),
        }
    }

    /// Every path that is read.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.inputs.iter().chain(&self.zh).chain(&self.en).cloned().collect()
    }

    /// Every path that no output may take the place of.
    pub(crate) fn spared(&self) -> Vec<PathBuf> {
        self.paths().into_iter().chain(self.pinned.clone()).collect()
    }

    /// Reads the pinned beads, where there are any.
    pub(crate) fn pinned(&self) -> Result<Option<Pinned>> {
        let read = |path: &PathBuf| Ok(Pinned { path: path.display().to_string(), links: evaluate::read(path)? });
        self.pinned.as_ref().map(read).transpose()
    }

    /// The number of texts that are to be read from standard input.
    pub(crate) fn of_standard_input(&self) -> usize {
        self.paths().iter().filter(|path| is_standard(path)).count()
    }

    pub(crate) fn segmentation(&self) -> Segmentation {
        if self.sentences { Segmentation::Lines } else { Segmentation::Punctuation }
    }

    pub(crate) fn layout(&self) -> Layout {
        if self.sentences { Layout::Lines } else { Layout::Prose }
    }
}

/// What was typed: the command, and its arguments by their names, as text, but for those that change only how the work is
/// done and what is said of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed {
    pub(crate) command: String,
    pub(crate) settings: BTreeMap<String, String>,
}

/// Arguments that do not change what comes out.
const NO_SETTINGS: [&str; 8] = ["jobs", "threads", "no_cache", "quiet", "progress", "resume", "overwrite", "help"];

impl Typed {
    /// What `matches` hold, which are those of `parser`.
    pub(super) fn of(parser: &Command, matches: &ArgMatches) -> Option<Self> {
        let (command, matches) = matches.subcommand()?;
        let arguments = parser.find_subcommand(command)?.get_arguments().map(|argument| argument.get_id().as_str());
        let text = |name| {
            let values: Vec<_> = matches.try_get_raw(name).ok()??.map(|value| value.to_string_lossy()).collect();
            Some((name.replace('_', "-"), values.join(" ")))
        };
        let settings = arguments.filter(|name| !NO_SETTINGS.contains(name)).filter_map(text).collect();
        Some(Self { command: command.to_owned(), settings })
    }
}

/// With which model, how many documents at a time, and what is shown meanwhile.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Documents to align at a time; each has its own translator and its share of the cores. At most 4 a core.
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true)]
    pub(crate) jobs: NonZeroU16,
    /// Go on with a run of the same command that was cut off, after the documents that it had done (`OUTPUT.journal`);
    /// begin anew where there is none.
    #[arg(long)]
    pub(crate) resume: bool,
    /// The command, and what was typed of it that decides what comes out.
    #[arg(skip)]
    pub(crate) typed: Typed,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
}

impl RunArgs {
    /// Lowers the jobs and the threads to what this machine has a use for, and says so.
    pub(super) fn cap(&mut self) {
        let most = most_at_a_time();
        if self.jobs > most {
            tell_capped("--jobs", self.jobs, most, &self.verbosity);
            self.jobs = most;
        }
        self.model.cap(&self.verbosity);
    }
}

/// The most jobs, and the most threads, for each core. All of them compute without a pause, so that one for each core is
/// the fastest; each has its own networks or its own documents in memory, and takes time to begin. More than one are for
/// machines where fewer cores are counted than there are.
const MOST_A_CORE: usize = 4;

/// The most jobs, and the most threads, on this machine.
fn most_at_a_time() -> NonZeroU16 {
    let most = MOST_A_CORE * Compute::default().threads;
    u16::try_from(most).ok().and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MAX)
}

fn tell_capped(option: &str, asked: NonZeroU16, most: NonZeroU16, verbosity: &Verbosity) {
    tell(verbosity, |out| {
        writeln!(
            out,
            "note: `{option} {asked}` is taken for {most}, {MOST_A_CORE} for each core; more take memory and no less time"
        )
    });
}

#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// A model's name (`mtalign model list`) or folder.
    #[arg(long, value_name = "DIR|NAME", default_value = DEFAULT_MODEL)]
    pub(crate) model: String,
    /// Cores to use; all of them by default, and at most 4 times as many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Where the model runs.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) device: Device,
    /// Ask the model everything, also what it was asked before, and keep nothing of what it answers (`mtalign cache`).
    #[arg(long)]
    pub(crate) no_cache: bool,
}

impl ModelArgs {
    /// Lowers the threads to what this machine has a use for, and says so.
    pub(super) fn cap(&mut self, verbosity: &Verbosity) {
        let most = most_at_a_time();
        if let Some(asked) = self.threads.and_then(NonZeroU16::new).filter(|&asked| asked > most) {
            tell_capped("--threads", asked, most, verbosity);
            self.threads = Some(most.get());
        }
    }

    /// The share of the cores for each of `workers`.
    pub(crate) fn compute(&self, workers: NonZeroU16) -> Compute {
        let device = match self.device {
            Device::Cpu => translate::Device::Cpu,
            Device::Cuda => translate::Device::Cuda,
        };
        let threads = self.threads.map_or(Compute::default().threads, usize::from);
        Compute { threads: (threads / usize::from(workers.get())).max(1), device, ..Compute::default() }
    }
}

/// How translations are searched for that people read.
#[derive(Debug, Args)]
pub(crate) struct DraftArgs {
    /// How many beginnings of a translation are kept while it is searched for, where people read it (not where it is only
    /// evidence for the alignment); 1 is the fastest.
    #[arg(long, value_name = "N", default_value = "4", value_parser = beam)]
    beam: NonZeroU16,
}

impl DraftArgs {
    pub(crate) fn beam(&self) -> usize {
        self.beam.get().into()
    }
}

/// The widest beam: a wider one finds nothing better, and takes memory for each of its beginnings.
const WIDEST_BEAM: u16 = 64;

fn beam(text: &str) -> std::result::Result<NonZeroU16, String> {
    let width = text.parse::<NonZeroU16>().ok().filter(|width| width.get() <= WIDEST_BEAM);
    width.ok_or_else(|| format!("a number from 1 to {WIDEST_BEAM} is wanted"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Device {
    #[default]
    Cpu,
    Cuda,
}

#[derive(Debug, Args)]
pub(crate) struct Verbosity {
    /// Say nothing but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// How progress is shown on standard error.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) progress: ProgressStyle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ProgressStyle {
    /// Bars, on a terminal only.
    #[default]
    Auto,
    /// Nothing.
    Never,
    /// A JSON object a line.
    Json,
}
