//! The command line: what can be typed, and what the library needs to know of it.

mod dataset;
mod sense;
mod shared;

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, error::ErrorKind};
use mtalign::{
    bundle::DEFAULT_MODEL,
    document::Checks,
    write::{Column, Format, Options, safe},
};

pub(crate) use self::dataset::DatasetArgs;
use self::dataset::PAIRS;
pub(crate) use self::shared::{
    DraftArgs, ErrorArgs, InputArgs, ModelArgs, Pinned, ProgressStyle, RunArgs, Spoken, Typed, Verbosity,
};
use crate::{leave, terminal};

/// Aligns Chinese text with its English translation, and says what is not covered.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Reads the command line. Where it makes no sense, the program says so and ends.
    pub(crate) fn from_command_line() -> Self {
        let mut parser = Self::command();
        let matches = parser.try_get_matches_from_mut(env::args_os()).unwrap_or_else(|error| refuse(&error));
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| refuse(&error.format(&mut parser)));
        if let Command::Align(AlignArgs { run, .. })
        | Command::Coverage(CoverageArgs { run, .. })
        | Command::Dataset(DatasetArgs { run, .. }) = &mut cli.command
        {
            run.typed = Typed::of(&parser, &matches).unwrap_or_default();
        }
        if let Command::Dataset(DatasetArgs { validation, test, .. }) = &cli.command
            && validation + test >= 1.0
        {
            let what = "--validation and --test leave nothing to train on";
            refuse(&Self::command().error(ErrorKind::ValueValidation, what))
        }
        if let Some(what) = cli.command.nonsense() {
            refuse(&Self::command().error(ErrorKind::ArgumentConflict, what))
        }
        cli.command.cap();
        cli
    }
}

/// Says why the command line makes no sense, or shows the help that was asked for, and ends the program. In colours,
/// unless a word of the command line, such as a name that a pattern of the shell stood for, would command the terminal.
fn refuse(error: &clap::Error) -> ! {
    let told = error.to_string();
    // Where nobody reads it, the exit code still says it.
    let _ = if told.lines().all(|line| safe::visible(line) == line) {
        error.print()
    } else {
        terminal::messages().write_all(told.as_bytes())
    };
    leave(u8::try_from(error.exit_code()).unwrap_or(u8::MAX))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write parallel text: each Chinese sentence with the English that translates it.
    Align(AlignArgs),
    /// Say which sentences have no counterpart, in both directions.
    Coverage(CoverageArgs),
    /// Translate the Chinese sentences of a file, one line each.
    Translate(TranslateArgs),
    /// Make a data set to train translators with: pairs filtered, without duplicates, divided, with a card.
    #[command(after_help = PAIRS)]
    Dataset(DatasetArgs),
    /// Score alignments against gold ones.
    Evaluate(EvaluateArgs),
    /// See, check and install translation models.
    Model {
        #[command(subcommand)]
        action: ModelAction,
    },
    /// See how large the cache is, and clear it. It keeps what models answered, for the next run.
    Cache {
        #[command(subcommand)]
        action: CacheAction,
    },
}

impl Command {
    /// Lowers what would take more than this machine has, and says so.
    fn cap(&mut self) {
        match self {
            Self::Align(AlignArgs { run, .. })
            | Self::Coverage(CoverageArgs { run, .. })
            | Self::Dataset(DatasetArgs { run, .. }) => run.cap(),
            Self::Translate(args) => args.model.cap(&args.verbosity),
            Self::Evaluate(_) | Self::Model { .. } | Self::Cache { .. } => {}
        }
    }
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct AlignArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// Where the parallel text goes; `-` is standard output. For moses the beginning of two names.
    #[arg(short, long, value_name = "PATH", default_value = "-", hide_default_value = true)]
    pub(crate) output: PathBuf,
    /// tsv, csv, xlsx, jsonl, tmx, moses, parquet or index; without it the extension of the output decides, and tsv
    /// where there is none. csv and xlsx are for spreadsheets, with the document in a column where there are several;
    /// in csv an apostrophe stands before what would run as a formula.
    #[arg(short, long)]
    pub(crate) format: Option<Format>,
    /// Columns in order, any of `zh,en,confidence,kind,zh_ids,en_ids,mt,mt_flaw,mt_probability,doc,origin` (tsv, csv, xlsx,
    /// jsonl, parquet).
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) columns: Option<Vec<Column>>,
    /// Name the columns in a first line (tsv; csv and xlsx always do).
    #[arg(long)]
    pub(crate) header: bool,
    /// Write sentences without a counterpart too, in their place, with the other side empty.
    #[arg(long)]
    pub(crate) keep_unaligned: bool,
    /// Write the model's draft, marked as `mt`, for each Chinese sentence that has no English, in its place (not moses,
    /// index).
    #[arg(long)]
    pub(crate) fill_missing: bool,
    /// Write a line a document instead of a line a pair, `{"id": …, "pairs": […], "coverage": …}` (jsonl).
    #[arg(long)]
    pub(crate) by_document: bool,
    /// Write the pairs whose sides stand in different places too, of the kind `moved`, where their Chinese stands (not index).
    #[arg(long)]
    pub(crate) keep_moved: bool,
    /// Give up pairs below this probability, 0 to 1.
    #[arg(long, value_name = "X", default_value_t = 0.0, hide_default_value = true, value_parser = share)]
    pub(crate) min_confidence: f64,
    #[command(flatten)]
    pub(crate) drafts: DraftArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

impl AlignArgs {
    /// The options of the output, as of one document.
    pub(crate) fn options(&self) -> Options {
        Options {
            format: self.inputs.errors.format(self.format, &self.output),
            columns: self.columns.clone(),
            header: self.header,
            keep_unaligned: self.keep_unaligned,
            fill_missing: self.fill_missing,
            keep_moved: self.keep_moved,
            min_confidence: self.min_confidence,
            several_documents: false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// Fail (exit 1) if less than this share of the characters of either side is covered, 0 to 1.
    #[arg(long, value_name = "X", value_parser = share)]
    min_coverage: Option<f64>,
    /// The same of the Chinese alone; it goes before `--min-coverage`.
    #[arg(long, value_name = "X", value_parser = share)]
    min_coverage_zh: Option<f64>,
    /// The same of the English alone.
    #[arg(long, value_name = "X", value_parser = share)]
    min_coverage_en: Option<f64>,
    /// Count a pair only from this probability on, 0 to 1.
    #[arg(long, value_name = "X", default_value_t = 0.0, hide_default_value = true, value_parser = share)]
    pub(crate) min_confidence: f64,
    /// What is looked for inside the pairs: `number`, `untranslated`, `punctuation`, `url`, `negation`, `consistency`, with
    /// commas between them, or `all`, or `none`. What is found changes no count.
    #[arg(long, value_name = "KINDS", default_value_t)]
    pub(crate) checks: Checks,
    /// Fail (exit 1) if the checks find something.
    #[arg(long)]
    pub(crate) fail_on_checks: bool,
    /// Write the report as JSON too; with `-` to standard output, in place of the text.
    #[arg(long, value_name = "PATH")]
    pub(crate) json: Option<PathBuf>,
    /// `text`, or `jsonl`: a line a document on standard output, as the documents of `--json` are.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: Spoken,
    /// Write GitHub annotations to standard output (`::warning file=…,line=…::…`), in place of the text.
    #[arg(long)]
    pub(crate) annotations: bool,
    /// Write the report as an HTML page too, to read and to correct in a browser.
    #[arg(long, value_name = "PATH", value_parser = file)]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) drafts: DraftArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

impl CoverageArgs {
    /// How much of the Chinese must be covered.
    pub(crate) fn minimum_zh(&self) -> Option<f64> {
        self.min_coverage_zh.or(self.min_coverage)
    }

    /// How much of the English must be.
    pub(crate) fn minimum_en(&self) -> Option<f64> {
        self.min_coverage_en.or(self.min_coverage)
    }
}

#[derive(Debug, Args)]
pub(crate) struct TranslateArgs {
    /// A text with Chinese in it; `-` is standard input.
    pub(crate) input: PathBuf,
    /// The input has one sentence a line: exactly as many lines come out, in the same order.
    #[arg(long)]
    pub(crate) sentences: bool,
    /// `text`, or `jsonl`: the input may hold many documents (.jsonl, or such lines on standard input), and each is a line,
    /// `{"id": …, "sentences": [{"zh": …, "mt": …, "mt_flaw": …, "mt_probability": …}]}`.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: Spoken,
    #[command(flatten)]
    pub(crate) errors: ErrorArgs,
    #[command(flatten)]
    pub(crate) drafts: DraftArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// A gold alignment, or a folder of them.
    #[arg(long)]
    pub(crate) gold: PathBuf,
    /// The alignment to score, or a folder with a file for each gold one.
    #[arg(long)]
    pub(crate) test: PathBuf,
    /// Show each document's scores too.
    #[arg(long)]
    pub(crate) documents: bool,
    /// Show how far the test's confidences are to be trusted too: of the beads that are given about 0.8, are four in
    /// five right? Needs the confidences of `align -f index`.
    #[arg(long)]
    pub(crate) calibration: bool,
    /// Write the scores as JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelAction {
    /// Name the models that can be given as --model.
    List,
    /// Print the folder of a model.
    Path {
        /// Its name.
        #[arg(default_value = DEFAULT_MODEL)]
        name: String,
    },
    /// Fetch a Marian model from a hub and install it; the only command that uses the network.
    Pull {
        /// `opus-mt-zh-en`, or any repository as `OWNER/NAME`.
        #[arg(value_name = "NAME")]
        repository: String,
        #[command(flatten)]
        install: InstallArgs,
        #[command(flatten)]
        verbosity: Verbosity,
    },
    /// Install a Marian model that was downloaded: config.json, vocab.json, both .spm, and model.safetensors or
    /// rust_model.ot.
    Import {
        /// The folder with these files.
        #[arg(value_name = "DIR")]
        source: PathBuf,
        #[command(flatten)]
        install: InstallArgs,
    },
    /// Look at every file of a model: there, whole, and fitting together.
    Check {
        /// Its name or folder.
        #[arg(default_value = DEFAULT_MODEL)]
        model: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheAction {
    /// Print where the cache is, what it holds, and how many bytes it takes.
    Size,
    /// Remove everything from the cache.
    Clear,
}

/// Where a model goes.
#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    /// Under which name the model is installed; by default its own.
    #[arg(long = "name", value_name = "NAME")]
    pub(crate) install_as: Option<String>,
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn share(text: &str) -> std::result::Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("must be from 0 to 1".to_owned()) }
}

fn file(text: &str) -> std::result::Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if is_standard(&path) { Err("must be a file".to_owned()) } else { Ok(path) }
}
