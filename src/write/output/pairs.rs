//! The output of parallel text: a format's writer, over the file or files that the format makes.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use super::{Output, Partial};
use crate::{
    error::{Error, Result},
    write::{Options, Pair, PairWriter, writer},
};

/// An output of pairs in a format.
///
/// Like an [`Output`] it appears under its name only when it is complete.
pub struct PairOutput {
    writer: Box<dyn PairWriter<Output>>,
    failed: Box<dyn Fn(io::Error) -> Error>,
    partials: Vec<Partial>,
}

impl PairOutput {
    /// Opens `path`, or the files that are named after it in a format of several; `-` is standard output, for formats
    /// of one file. Fails if one of `inputs` would be lost by it.
    pub fn create(options: &Options, path: &Path, inputs: &[PathBuf]) -> Result<Self> {
        let open = |suffix: &&str| Output::create_sparing(&with_suffix(path, suffix), inputs);
        let outputs = options.format.suffixes().iter().map(open).collect::<Result<Vec<_>>>()?;
        // Which of several it was that failed is not said; they lie in one folder.
        let in_file = outputs[0].failed();
        let partials = outputs.iter().filter_map(Output::partial).collect();
        let writer = writer(options, outputs).map_err(&in_file)?;
        let format = options.format;
        let failed = move |source: io::Error| {
            if !format.is_all_or_nothing() || source.kind() == io::ErrorKind::BrokenPipe {
                return in_file(source);
            }
            let what =
                format!("{source}; nothing can be read of {format} that is cut off, `-f tsv` keeps what was done");
            in_file(io::Error::new(source.kind(), what))
        };
        Ok(Self { writer, failed: Box::new(failed), partials })
    }

    /// The files under way; none where the output has no name to take.
    pub fn partials(&self) -> Vec<Partial> {
        self.partials.clone()
    }

    /// Writes pairs. Fails if the output does.
    pub fn write<'p>(&mut self, mut pairs: impl Iterator<Item = Pair<'p>>) -> Result<()> {
        pairs.try_for_each(|pair| self.writer.pair(&pair)).map_err(&self.failed)
    }

    /// Hands on to the system what was written so far, where the format can.
    pub fn end_document(&mut self) -> Result<()> {
        self.writer.end_document().map_err(&self.failed)
    }

    /// Makes everything complete: handed on to the system, and under its name.
    pub fn finish(self) -> Result<()> {
        Output::finish_all(self.writer.finish().map_err(&self.failed)?)
    }
}

/// `folder/name` and `.x` make `folder/name.x`.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    match path.file_name() {
        Some(name) if !suffix.is_empty() => {
            let mut name = OsString::from(name);
            name.push(suffix);
            path.with_file_name(name)
        }
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, slice};

    use super::*;
    use crate::write::{Format, pairs, sample};

    #[test]
    fn every_format_makes_the_files_that_it_names_and_no_others() {
        for format in Format::ALL {
            let folder = tempfile::tempdir().unwrap();
            let (options, sample) = (Options { format, ..Options::default() }, sample::mixed());
            let mut output = PairOutput::create(&options, &folder.path().join("animals"), &[]).unwrap();
            output.write(pairs(&sample, &options)).unwrap();
            let names = || {
                let entries = fs::read_dir(folder.path()).unwrap();
                let mut names: Vec<_> =
                    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
                names.sort();
                names
            };
            assert!(names().iter().all(|name| name.ends_with(".partial")), "{:?}", names());
            output.finish().unwrap();
            let mut expected: Vec<_> = format.suffixes().iter().map(|suffix| format!("animals{suffix}")).collect();
            expected.sort();
            assert_eq!(names(), expected);
            for (suffix, file) in format.suffixes().iter().zip(sample::files(&sample, &options)) {
                assert_eq!(fs::read(folder.path().join(format!("animals{suffix}"))).unwrap(), file);
            }
        }
    }

    #[test]
    fn an_input_is_spared_under_whichever_name_the_format_gives() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("news.en-zh.en");
        fs::write(&input, "kept").unwrap();
        let options = Options { format: Format::Moses, ..Options::default() };
        let Err(error) = PairOutput::create(&options, &folder.path().join("news"), slice::from_ref(&input)) else {
            panic!("the input is written over")
        };
        assert!(matches!(error, Error::OwnInput { .. }), "{error}");
        assert_eq!(fs::read_to_string(&input).unwrap(), "kept");
    }
}
