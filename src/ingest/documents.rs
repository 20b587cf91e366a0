//! A stream of documents: what the user named, one document after another, each read when it is asked for.
//!
//! So that memory does not grow with their number: of what is not at hand only names are held, those of the directory
//! that is being read. One that cannot be read is an error in its place, and the others follow.

use std::{fs::File, path::Path, vec};

use super::{
    Input, Options,
    directory::{Directory, Found, Place},
    kind::Kind,
    read_mixed, read_text, read_two,
    records::Records,
    standard_input::StandardInput,
};
use crate::{
    both::Both,
    document::Document,
    error::{Error, Result},
    feed::{STANDARD_INPUT, is_standard_input},
    text::Lang,
};

/// The documents of any inputs, in their order.
#[derive(Debug)]
pub struct Documents {
    inputs: vec::IntoIter<Input>,
    options: Options,
    directory: Option<Directory>,
    records: Option<Records>,
}

impl Documents {
    /// The documents of `inputs`. Nothing is read yet.
    pub fn new(inputs: Vec<Input>, options: Options) -> Self {
        Self { inputs: inputs.into_iter(), options, directory: None, records: None }
    }

    /// The document of a file, or the first of its documents.
    fn open(&mut self, path: &Path, id: String) -> Option<Result<Document>> {
        if Kind::of(path) != Kind::Records {
            return Some(read_mixed(path, id, self.options));
        }
        match Records::open(path, self.options) {
            Ok(records) => self.records.insert(records).next(),
            Err(error) => Some(Err(error)),
        }
    }

    /// The document on standard input, or the first of those that its lines are, if it begins as such or `is_records`.
    fn open_standard_input(&mut self, is_records: bool) -> Option<Result<Document>> {
        match StandardInput::open(is_records) {
            Ok(StandardInput::Text(bytes)) => Some(read_text(STANDARD_INPUT, &bytes, self.options)),
            Ok(StandardInput::Records(lines)) => {
                let records = Records::over(STANDARD_INPUT.to_owned(), lines, self.options);
                self.records.insert(if is_records { records.or_nothing() } else { records }).next()
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// The first of the documents that the lines of a file are.
    fn open_records(&mut self, path: &Path) -> Option<Result<Document>> {
        if is_standard_input(path) {
            return self.open_standard_input(true);
        }
        match Records::open(path, self.options) {
            Ok(records) => self.records.insert(records.or_nothing()).next(),
            Err(error) => Some(Err(error)),
        }
    }

    /// The document of a place in a directory, or the first of its documents.
    fn found(&mut self, Found { place, id }: Found) -> Option<Result<Document>> {
        match place {
            Place::One(path) => self.open(&path, id),
            Place::Two { zh, en } => Some(read_two(id, &zh, &en, self.options)),
            Place::Alone { path, missing } => Some(self.alone(&path, id, missing)),
        }
    }

    /// The document of a file that is named as one of two, while the other is not there. It may hold both languages.
    fn alone(&self, path: &Path, id: String, missing: Lang) -> Result<Document> {
        let options = Options { required: Both::new(true, true), ..self.options };
        read_mixed(path, id, options).map_err(|error| match error {
            Error::NoText { path, lang } if lang == missing => Error::Unpaired { path, lang },
            other => other,
        })
    }
}

impl Iterator for Documents {
    type Item = Result<Document>;

    fn next(&mut self) -> Option<Result<Document>> {
        loop {
            let document = if let Some(document) = self.records.as_mut().and_then(Iterator::next) {
                Some(document)
            } else if let Some(found) = self.directory.as_mut().and_then(Iterator::next) {
                match found {
                    Ok(found) => self.found(found),
                    Err(error) => Some(Err(error)),
                }
            } else {
                match self.inputs.next()? {
                    Input::Mixed(path) if path.is_dir() => {
                        self.directory = Some(Directory::new(&path));
                        None
                    }
                    Input::Mixed(path) if is_standard_input(&path) => self.open_standard_input(false),
                    Input::Mixed(path) => self.open(&path, path.display().to_string()),
                    Input::Records(path) => self.open_records(&path),
                    Input::Two { zh, en } => Some(read_two(zh.display().to_string(), &zh, &en, self.options)),
                }
            };
            if document.is_some() {
                return document;
            }
        }
    }
}

impl Input {
    /// Whether these may hold more than one document, as far as can be told without reading them.
    pub fn may_be_several(inputs: &[Self]) -> bool {
        match inputs {
            [Self::Records(_)] => true,
            [Self::Mixed(path)] => path.is_dir() || Kind::of(path) == Kind::Records,
            _ => inputs.len() > 1,
        }
    }

    /// Whether everything named in it is there and may be read, as far as can be told without reading it. So a wrong
    /// path is said at once, not after hours.
    pub fn check(&self) -> Result<()> {
        let paths = match self {
            Self::Mixed(path) | Self::Records(path) => vec![path],
            Self::Two { zh, en } => vec![zh, en],
        };
        // A pipe would be emptied by opening it twice.
        let mut plain = paths.into_iter().filter(|path| !is_standard_input(path) && (path.is_file() || !path.exists()));
        plain.try_for_each(|path| File::open(path).map(drop).map_err(|source| Error::read(path, source)))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use tempfile::TempDir;

    use super::*;

    const MIXED: &str = "猫睡了。\n\nThe cat slept.\n";

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = TempDir::new().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    #[test]
    fn documents_of_every_kind_come_in_order_with_errors_in_their_places() {
        let record = "{\"id\":\"one\",\"zh\":\"猫。\",\"en\":\"A cat.\"}\nno\n{\"id\":\"two\",\"zh\":\"狗。\",\"en\":\"A dog.\"}\n";
        let page = "<p>猫睡了。<p>The cat slept.";
        let subtitles = "1\n00:01 --> 00:02\n猫睡了。\nThe cat slept.\n";
        let folder = folder(&[
            ("dir/sub/c.srt", subtitles),
            ("dir/a.html", page),
            ("dir/b.jsonl", record),
            ("dir/bad.txt", "猫"),
            ("last.md", MIXED),
            ("zh.txt", "猫"),
            ("en.txt", "A cat."),
        ]);
        let at = |name: &str| folder.path().join(name);
        let two = Input::Two { zh: at("zh.txt"), en: at("en.txt") };
        let inputs = vec![Input::Mixed(at("dir")), Input::Mixed(at("none.txt")), two, Input::Mixed(at("last.md"))];
        let root = format!("{}/", folder.path().display());
        let documents: Vec<_> = Documents::new(inputs, Options::default())
            .map(|it| match it {
                Ok(document) => document.id.replace(&root, ""),
                Err(error) => format!("! {}", error.to_string().replace(&root, "")),
            })
            .collect();
        let wrong = "! cannot read `dir/b.jsonl`, line 2: expected `{\"id\": …, \"text\": …}` or `{\"id\": …, \"zh\": …, \"en\": …}`";
        let expected = [
            "a.html",
            "one",
            wrong,
            "two",
            "! found no English in `dir/bad.txt`",
            "sub/c.srt",
            "! cannot read `none.txt`",
            "zh.txt",
            "last.md",
        ];
        assert_eq!(documents, expected);
    }

    #[test]
    fn two_files_of_a_directory_are_a_document_and_one_without_the_other_is_told() {
        let folder = folder(&[
            ("1.zh.txt", "猫睡了。"),
            ("1.en.txt", "The cat slept."),
            ("2.zh.txt", "狗叫了。"),
            ("3.en.txt", MIXED),
            ("4.txt", MIXED),
            ("5.en.md", "The dog barked."),
            ("6.zh.md", "Nothing but English."),
        ]);
        // Even where a side may be missing.
        let options = Options { required: Both::new(true, false), ..Options::default() };
        let documents: Vec<_> = Documents::new(vec![Input::Mixed(folder.path().to_owned())], options)
            .map(|it| match it {
                Ok(Document { id, sides, .. }) => {
                    format!("{id}: {}, {}", sides.source.paragraphs.len(), sides.target.paragraphs.len())
                }
                Err(error) => error.to_string().replace(&format!("{}/", folder.path().display()), ""),
            })
            .collect();
        let expected = [
            "1.txt: 1, 1",
            "cannot pair `2.zh.txt`: it holds no English, and there is no English file for it",
            "3.en.txt: 1, 1",
            "4.txt: 1, 1",
            "cannot pair `5.en.md`: it holds no Chinese, and there is no Chinese file for it",
            "found no Chinese in `6.zh.md`",
        ];
        assert_eq!(documents, expected);
    }

    #[test]
    fn a_document_is_read_when_it_is_asked_for() {
        let folder = folder(&[("a.txt", MIXED)]);
        let at = |name: &str| folder.path().join(name);
        let inputs = ["a.txt", "b.txt", "c"].map(|name| Input::Mixed(at(name))).to_vec();
        let mut documents = Documents::new(inputs, Options::default());
        assert!(documents.next().unwrap().is_ok());
        fs::write(at("b.txt"), MIXED).unwrap();
        assert!(documents.next().unwrap().is_ok());
        fs::create_dir(at("c")).unwrap();
        fs::write(at("c/d.txt"), MIXED).unwrap();
        assert_eq!(documents.next().unwrap().unwrap().id, "d.txt");
        assert!(documents.next().is_none());
    }

    #[test]
    fn what_is_not_there_is_known_before_anything_is_read() {
        let folder = folder(&[("a.txt", "")]);
        let at = |name: &str| folder.path().join(name);
        assert!(Input::Mixed(at("a.txt")).check().is_ok());
        assert!(Input::Mixed(at("")).check().is_ok());
        assert!(Input::Mixed(PathBuf::from("-")).check().is_ok());
        let error = Input::Two { zh: at("a.txt"), en: at("b.txt") }.check().unwrap_err().to_string();
        assert_eq!(error, format!("cannot read `{}`", at("b.txt").display()));
    }
}
