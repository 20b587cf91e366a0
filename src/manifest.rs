//! The manifest of a bundle: the one list of its files. Whatever checks, copies, fetches, hashes or loads them takes
//! their names from here, so that a file that is added to bundles is added everywhere.

use std::{fmt, path::Path};

/// A file of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BundleFile {
    /// The network's sizes and special pieces, read by [`Architecture`](crate::bundle::Architecture).
    Config,
    /// The network's weights, read by the translator.
    Weights,
    /// The vocabulary, which numbers the pieces, read by the tokenizer.
    Vocabulary,
    /// The SentencePiece model of Chinese, read by the tokenizer.
    SourcePieces,
    /// The SentencePiece model of English, read by the tokenizer.
    TargetPieces,
    /// The static embeddings, read by the first pass of the aligner.
    Embeddings,
    /// The lexicon, read by the aligner's later passes.
    Lexicon,
    /// The network of the tagger, read by the aligner's later passes.
    Tagger,
    /// The weights of the aligner's passes.
    Aligner,
    /// The weights of the clues that a clause has no counterpart.
    Coverage,
    /// The networks by which pairs that stand alone are scored.
    Scorer,
    /// The model card: how the model was made, read by people.
    ModelCard,
    /// The checksums of the others, read by whatever loads or checks them.
    Sums,
}

/// The need of a bundle for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A model does not load without it.
    Required,
    /// A bundle takes it over where it is there. A model from elsewhere has none of these.
    Extra,
    /// It describes the others, and is written for them where a model is installed.
    About,
}

impl BundleFile {
    /// All files, in the order in which they are looked at.
    pub const ALL: [Self; 13] = [
        Self::Config,
        Self::Weights,
        Self::Vocabulary,
        Self::SourcePieces,
        Self::TargetPieces,
        Self::Embeddings,
        Self::Lexicon,
        Self::Tagger,
        Self::Aligner,
        Self::Coverage,
        Self::Scorer,
        Self::ModelCard,
        Self::Sums,
    ];

    /// The name of the file in the bundle's directory.
    pub const fn name(self) -> &'static str {
        self.entry().0
    }

    pub(crate) const fn need(self) -> Need {
        self.entry().1
    }

    const fn entry(self) -> (&'static str, Need) {
        match self {
            Self::Config => ("config.json", Need::Required),
            Self::Weights => ("model.safetensors", Need::Required),
            Self::Vocabulary => ("vocab.json", Need::Required),
            Self::SourcePieces => ("source.spm", Need::Required),
            Self::TargetPieces => ("target.spm", Need::Required),
            Self::Embeddings => ("embeddings.safetensors", Need::Extra),
            Self::Lexicon => ("lexicon.safetensors", Need::Extra),
            Self::Tagger => ("tagger.safetensors", Need::Extra),
            Self::Aligner => ("aligner.json", Need::Extra),
            Self::Coverage => ("coverage.json", Need::Extra),
            Self::Scorer => ("scorer.json", Need::Extra),
            Self::ModelCard => ("MODEL_CARD.md", Need::About),
            Self::Sums => ("SHA256SUMS", Need::About),
        }
    }

    /// The names of the files of this need.
    pub(crate) fn names(need: Need) -> impl Iterator<Item = &'static str> + Clone {
        Self::ALL.into_iter().filter(move |file| file.need() == need).map(Self::name)
    }

    /// Whether a file of this name is one of this need.
    pub(crate) fn is_one(name: &str, need: Need) -> bool {
        Self::names(need).any(|known| known == name)
    }
}

/// The name of the file.
impl fmt::Display for BundleFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of the file, to be joined to a directory.
impl AsRef<Path> for BundleFile {
    fn as_ref(&self) -> &Path {
        Path::new(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    fn models() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models"))
    }

    #[test]
    fn the_default_bundle_has_every_file_and_no_other() {
        let entries = fs::read_dir(models().join(crate::bundle::DEFAULT_MODEL)).unwrap();
        let found: BTreeSet<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let listed: BTreeSet<String> = BundleFile::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn every_file_is_listed_once_and_described() {
        let described = fs::read_to_string(models().join("README.md")).unwrap();
        for (index, file) in BundleFile::ALL.into_iter().enumerate() {
            assert_eq!(BundleFile::ALL.iter().position(|&other| other == file), Some(index));
            assert!(described.contains(&format!("`{file}`")), "models/README.md says nothing of `{file}`");
        }
    }

    /// A name that is written anywhere else is a second list in the making.
    #[test]
    fn no_other_source_writes_the_names() {
        let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else if !path.ends_with("src/manifest.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap();
                for file in BundleFile::ALL {
                    assert!(!code.contains(&format!("\"{file}\"")), "{} writes \"{file}\"", path.display());
                }
            }
        }
    }
}
