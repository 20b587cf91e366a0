//! Whether a command line makes sense as a whole.

use std::path::{Path, PathBuf};

use mtalign::write::Format;

use super::{AlignArgs, Command, CoverageArgs, DatasetArgs, RunArgs, Spoken, TranslateArgs, is_standard};

impl Command {
    /// Why the command line makes no sense as a whole, where each word of it does.
    pub(super) fn nonsense(&self) -> Option<String> {
        if let Self::Align(AlignArgs { inputs, .. })
        | Self::Coverage(CoverageArgs { inputs, .. })
        | Self::Dataset(DatasetArgs { inputs, .. }) = self
        {
            if inputs.of_standard_input() > 1 {
                return Some("standard input (`-`) can be read only once; name a file for the other text".to_owned());
            }
            let is_one = inputs.inputs.len() <= 1 && !inputs.inputs.iter().any(|path| path.is_dir());
            if inputs.pinned.is_some() && !is_one {
                return Some("the beads of `--fixed` are those of one text; give only that one".to_owned());
            }
        }
        if let Self::Coverage(CoverageArgs { annotations: true, json: Some(path), .. }) = self
            && is_standard(path)
        {
            let what = "`--annotations` and `--json -` both write to standard output; name a file for the JSON";
            return Some(what.to_owned());
        }
        if let Some((output, option)) = self.resumes_into()
            && output.is_none_or(is_standard)
        {
            return Some(format!("`--resume` goes on with a run that made a file; name it with {option}"));
        }
        if let Some(what) = self.streams_badly() {
            return Some(what.to_owned());
        }
        let Self::Align(args) = self else { return None };
        let options = args.options();
        if is_standard(&args.output) && options.format.suffixes().len() > 1 {
            return Some(format!(
                "{} makes two files, which cannot go to standard output; name them with -o PREFIX",
                options.format
            ));
        }
        options.check().err().map(|unfit| unfit.to_string())
    }
}

impl Command {
    /// Why what goes out as lines of JSON cannot.
    fn streams_badly(&self) -> Option<&'static str> {
        let (inputs, errors) = match self {
            Self::Align(AlignArgs { inputs, .. })
            | Self::Coverage(CoverageArgs { inputs, .. })
            | Self::Dataset(DatasetArgs { inputs, .. }) => (Some(inputs), &inputs.errors),
            Self::Translate(args) => (None, &args.errors),
            Self::Evaluate(_) | Self::Model { .. } | Self::Cache { .. } => return None,
        };
        let is_jsonl = match self {
            Self::Align(args) => args.options().format == Format::Jsonl,
            Self::Coverage(CoverageArgs { format, .. }) | Self::Translate(TranslateArgs { format, .. }) => {
                *format == Spoken::Jsonl
            }
            Self::Dataset(args) => args.judge_only || (args.score_only && args.format() == Format::Jsonl),
            Self::Evaluate(_) | Self::Model { .. } | Self::Cache { .. } => false,
        };
        if let Self::Align(AlignArgs { by_document: true, .. }) = self
            && !is_jsonl
        {
            return Some("`--by-document` goes with jsonl alone; add `-f jsonl`");
        }
        if let Self::Coverage(CoverageArgs { format: Spoken::Jsonl, json, annotations, .. }) = self
            && (*annotations || json.as_deref().is_some_and(is_standard))
        {
            return Some("`-f jsonl`, `--json -` and `--annotations` all write to standard output; choose one");
        }
        if !errors.are_inline() {
            return None;
        }
        if let Self::Dataset(DatasetArgs { score_only: false, judge_only: false, .. }) = self {
            return Some(
                "a data set has no place for errors; `--errors inline` goes with `--score-only` and `--judge-only`",
            );
        }
        if !is_jsonl {
            return Some("errors are told in the place of documents in lines of JSON alone; add `-f jsonl`");
        }
        let is_two = inputs.is_some_and(|inputs| inputs.inputs.is_empty());
        is_two.then_some("`--errors inline` reads a document a line; give it as INPUT, `-` for standard input")
    }

    /// Beside which output there is a journal to go on with, and the options that name one, where that was asked for.
    fn resumes_into(&self) -> Option<(Option<&Path>, &'static str)> {
        match self {
            Self::Align(AlignArgs { output, run: RunArgs { resume: true, .. }, .. }) => Some((Some(output), "-o FILE")),
            Self::Coverage(CoverageArgs { json, report, run: RunArgs { resume: true, .. }, .. }) => {
                let mut named = json.iter().chain(report).map(PathBuf::as_path).filter(|path| !is_standard(path));
                Some((named.next(), "--json FILE or --report FILE"))
            }
            _ => None,
        }
    }
}
