//! The check of a model directory, file by file, for `mtalign model check`.

use std::{fs, path::Path};

use super::{
    Architecture, BundleFile, check_values,
    digest::sha256,
    sums::{self, SUMS, Sum},
};
use crate::{
    error::{Error, Result},
    manifest::Need,
    tokenizer::Tokenizer,
};

/// An item of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckItem {
    /// The file, or the files and what they must have in common.
    pub subject: String,
    /// What is right with the file, or what is wrong.
    pub outcome: std::result::Result<String, String>,
}

impl CheckItem {
    fn new(subject: &str, outcome: std::result::Result<String, String>) -> Self {
        Self { subject: subject.to_owned(), outcome }
    }

    /// The item of what was loaded, right by these words.
    pub(crate) fn of(subject: &str, loaded: &Result<()>, right: &str) -> Self {
        Self::new(subject, loaded.as_ref().map(|()| right.to_owned()).map_err(reason))
    }
}

/// Checks everything in `dir`, without libtorch. Fails only where `dir` is no readable directory; what is wrong with
/// the model is in the items.
pub fn check(dir: &Path) -> Result<Vec<CheckItem>> {
    fs::read_dir(dir).map_err(|cause| Error::read(dir, cause))?;
    let mut items = Vec::new();
    for file in BundleFile::ALL {
        match (size(dir, file), file.need()) {
            (Some(size), _) => items.push(CheckItem::new(file.name(), Ok(size))),
            (None, Need::Required) => items.push(CheckItem::new(file.name(), Err("missing".to_owned()))),
            (None, Need::Extra | Need::About) => {}
        }
    }
    items.extend(sums(dir));

    let architecture = Architecture::read(dir);
    let shape = |found: &Architecture| {
        let (encoder, decoder, width) = (found.encoder.layers, found.decoder.layers, found.width);
        format!("marian, {encoder} + {decoder} layers, width {width}, {} pieces", found.vocabulary)
    };
    items.push(CheckItem::new("architecture", architecture.as_ref().map(shape).map_err(reason)));
    if let Ok(architecture) = &architecture {
        let weights = architecture.check_weights(dir);
        items.push(CheckItem::new(
            "weights",
            weights.map(|()| "whole, sizes as configured".to_owned()).map_err(|e| reason(&e)),
        ));
        items.push(CheckItem::new("vocabulary", vocabulary(dir, architecture).map_err(|e| reason(&e))));
    }
    for (name, file) in
        [("embeddings", BundleFile::Embeddings), ("lexicon", BundleFile::Lexicon), ("tagger", BundleFile::Tagger)]
    {
        let path = dir.join(file);
        if path.is_file() {
            let values = check_values(&path).map(|()| "whole".to_owned()).map_err(|cause| cause.to_string());
            items.push(CheckItem::new(name, values));
        }
    }
    Ok(items)
}

fn size(dir: &Path, file: BundleFile) -> Option<String> {
    let metadata = fs::metadata(dir.join(file)).ok().filter(fs::Metadata::is_file)?;
    Some(format!("{} bytes", metadata.len()))
}

fn vocabulary(dir: &Path, architecture: &Architecture) -> Result<String> {
    let tokenizer = Tokenizer::load(dir)?;
    architecture.check_vocabulary(dir, &tokenizer)?;
    Ok(format!("{} pieces, as configured", tokenizer.size()))
}

/// The first file that is not as `SHA256SUMS` says, and what is wrong with it.
pub(super) fn listed_fault(dir: &Path) -> Option<String> {
    sums(dir).into_iter().find_map(|item| Some(format!("`{}`: {}", item.subject, item.outcome.err()?)))
}

/// One item for each line of `SHA256SUMS`.
fn sums(dir: &Path) -> Vec<CheckItem> {
    let compare = |sum: &Sum| {
        let found = sha256(&dir.join(&sum.file)).map_err(|cause| format!("cannot read it: {cause}"))?;
        sum.compare(&found).map(|()| "SHA-256 as listed".to_owned())
    };
    let item = |line: std::result::Result<Sum, String>| match line {
        Ok(sum) => CheckItem::new(&sum.file, compare(&sum)),
        Err(line) => CheckItem::new(SUMS.name(), Err(format!("cannot read the line `{line}`"))),
    };
    match sums::read(dir) {
        Ok(lines) => lines.into_iter().map(item).collect(),
        Err(cause) => vec![CheckItem::new(SUMS.name(), Err(format!("cannot read it: {cause}")))],
    }
}

/// The message of a model error, without its first words, which name the directory.
fn reason(error: &Error) -> String {
    match error {
        Error::Model { what, source: Some(source), .. } => format!("{what}: {source}"),
        Error::Model { what, .. } => what.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")
    }

    /// Subjects with their faults.
    fn faults(dir: &Path) -> Vec<(String, String)> {
        let items = check(dir).unwrap();
        items.into_iter().filter_map(|item| Some((item.subject, item.outcome.err()?))).collect()
    }

    #[test]
    fn nothing_is_wrong_with_the_bundled_model() {
        assert_eq!(faults(&bundled()), []);
    }

    #[test]
    fn every_damage_is_named() {
        let copy = tempfile::tempdir().unwrap();
        let required = BundleFile::names(Need::Required);
        for file in required.chain([SUMS.name()]) {
            fs::copy(bundled().join(file), copy.path().join(file)).unwrap();
        }
        let weights = fs::read(bundled().join("model.safetensors")).unwrap();
        fs::write(copy.path().join("model.safetensors"), &weights[..weights.len() / 2]).unwrap();
        fs::remove_file(copy.path().join("target.spm")).unwrap();
        let found = faults(copy.path());
        let fault_of = |subject: &str| &found.iter().find(|(name, _)| name == subject).unwrap().1;
        assert_eq!(fault_of("target.spm"), "missing");
        assert!(fault_of("model.safetensors").contains("its SHA-256 is"));
        assert!(fault_of("weights").contains("cut short"));
        assert!(fault_of("vocabulary").contains("`target.spm`"));
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        assert!(matches!(check(Path::new("/no/such/model")), Err(Error::Read { .. })));
    }
}
