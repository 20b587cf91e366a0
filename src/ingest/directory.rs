//! A directory → the documents in it and below it, in order.
//!
//! Files are known by their endings and come sorted by name, so that a run is the same everywhere. Two files whose names
//! differ in the language alone are one document ([`names`], [`pairs`]), and so are files of one name in two folders that
//! are named by the languages. Hidden files, files of other kinds and links to directories, which may lead in circles,
//! are passed over; what has the ending of a document and is none, such as a link that leads nowhere, is an error in its
//! place. Of each directory on the way down the names are held, and nothing else.

mod names;
mod pairs;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    vec,
};

use walkdir::WalkDir;

use self::pairs::File;
pub(super) use self::pairs::Place;
use super::kind::Kind;
use crate::{
    error::{Error, Result},
    text::Lang,
};

/// A document in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it is.
    pub(super) place: Place,
    /// The path from the directory, with `/`; of a pair without what names its languages.
    pub(super) id: String,
}

/// The documents of a directory, found one after another.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// What is left of each folder on the way down, the innermost last.
    open: Vec<vec::IntoIter<Entry>>,
    is_empty: bool,
}

/// A folder of documents, or several that are one but for the language.
#[derive(Debug, Default)]
struct Folder {
    /// The path from the directory, without folders that are named by a language; empty, or ending in `/`.
    prefix: String,
    /// Each path, and the language of all that is in it where its name says it.
    paths: Vec<(PathBuf, Option<Lang>)>,
}

#[derive(Debug)]
enum Entry {
    Document(Found),
    Folder(Folder),
    Unreadable(Error),
}

impl Directory {
    /// The documents of the directory at `path`.
    pub(super) fn new(path: &Path) -> Self {
        let whole = Folder { prefix: String::new(), paths: vec![(path.to_owned(), None)] };
        Self { path: path.to_owned(), open: vec![vec![Entry::Folder(whole)].into_iter()], is_empty: true }
    }

    fn id(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.path).unwrap_or(path);
        below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// What is in a folder, by name.
    fn entries(&self, folder: &Folder) -> Vec<Entry> {
        let (mut files, mut folders, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
        for (path, lang) in &folder.paths {
            for entry in WalkDir::new(path).min_depth(1).max_depth(1).sort_by_file_name() {
                match entry {
                    Ok(entry) if entry.file_name().as_encoded_bytes().starts_with(b".") => {}
                    Ok(entry) if entry.file_type().is_dir() => folders.push((entry.into_path(), *lang)),
                    Ok(entry) => match file(entry.into_path(), *lang) {
                        Ok(file) => files.extend(file),
                        Err(error) => unreadable.push(Entry::Unreadable(error)),
                    },
                    Err(error) => {
                        let path = error.path().unwrap_or(path).to_owned();
                        let cause = error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into());
                        unreadable.push(Entry::Unreadable(Error::read(&path, cause)));
                    }
                }
            }
        }
        let documents = self.documents(&folder.prefix, files).into_iter();
        let documents = documents.map(|found| (last_part(&found.id), Entry::Document(found)));
        let folders = together(&folder.prefix, folders).into_iter();
        let folders = folders.map(|(name, folder)| (name, Entry::Folder(folder)));
        let mut named: Vec<(String, Entry)> = documents.chain(folders).collect();
        named.sort_by(|one, other| one.0.cmp(&other.0));
        unreadable.into_iter().chain(named.into_iter().map(|(_, entry)| entry)).collect()
    }

    /// The documents that `files` are. Where two would have the same id, a pair goes by its Chinese file.
    fn documents(&self, prefix: &str, files: Vec<File>) -> Vec<Found> {
        let mut taken = BTreeSet::new();
        let (pairs, others): (Vec<_>, Vec<_>) =
            pairs::documents(files).into_iter().partition(|(_, place)| matches!(place, Place::Two { .. }));
        let mut found = Vec::new();
        for (name, place) in others.into_iter().chain(pairs) {
            let id = match &place {
                Place::One(path) | Place::Alone { path, .. } => self.id(path),
                Place::Two { zh, .. } => {
                    let id = format!("{prefix}{name}");
                    if name.starts_with('.') || taken.contains(&id) { self.id(zh) } else { id }
                }
            };
            taken.insert(id.clone());
            found.push(Found { place, id });
        }
        found
    }
}

/// A file with what its name says, where it is of a known kind; `lang` is the language of all files of its folder. Fails
/// where something has the name of a document and is no file.
fn file(path: PathBuf, lang: Option<Lang>) -> Result<Option<File>> {
    let Some(kind) = Kind::known(&path) else { return Ok(None) };
    match fs::metadata(&path) {
        Ok(found) if found.is_file() => {}
        Ok(found) if found.is_dir() => return Ok(None),
        Ok(_) => {
            return Err(Error::read(
                &path,
                io::Error::other("it is a pipe, a socket or a device, and not read in a folder"),
            ));
        }
        Err(error) if path.is_symlink() => {
            let what = format!("the link leads nowhere or in a circle; mend it, or take it out ({error})");
            return Err(Error::read(&path, io::Error::other(what)));
        }
        Err(error) => return Err(Error::read(&path, error)),
    }
    let part = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = (part(path.file_stem()), part(path.extension()));
    let (name, marked) = match names::marked(&stem) {
        // A file of many documents says itself of what language each text is.
        _ if kind == Kind::Records => (stem, None),
        Some((name, marked)) => (name.to_owned(), lang.or(Some(marked))),
        None => (stem, lang),
    };
    Ok(Some(File { path, name, ending, lang: marked }))
}

/// The folders below a folder, by name: those of one name in folders of two languages are one, and so are those named by
/// the languages, where both are there.
fn together(prefix: &str, folders: Vec<(PathBuf, Option<Lang>)>) -> BTreeMap<String, Folder> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unsaid = folders.iter().filter(|(_, lang)| lang.is_none());
    let langs: Vec<Lang> = unsaid.filter_map(|(path, _)| names::language(&name(path))).collect();
    let are_pairs = langs.contains(&Lang::Zh) && langs.contains(&Lang::En);
    let mut found: BTreeMap<String, Folder> = BTreeMap::new();
    for (path, lang) in folders {
        let named = if lang.is_none() && are_pairs { names::language(&name(&path)) } else { None };
        // All of them come where the first one would.
        let (key, prefix) = match named {
            Some(_) => (String::new(), prefix.to_owned()),
            None => (name(&path), format!("{prefix}{}/", name(&path))),
        };
        let folder = found.entry(key).or_insert_with(|| Folder { prefix, paths: Vec::new() });
        folder.paths.push((path, lang.or(named)));
    }
    found
}

fn last_part(id: &str) -> String {
    id.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Fails for each directory below that cannot be read, and if there was no document at all.
impl Iterator for Directory {
    type Item = Result<Found>;

    fn next(&mut self) -> Option<Result<Found>> {
        while let Some(entries) = self.open.last_mut() {
            match entries.next() {
                Some(Entry::Folder(folder)) => {
                    let entries = self.entries(&folder);
                    self.open.push(entries.into_iter());
                }
                Some(Entry::Document(found)) => {
                    self.is_empty = false;
                    return Some(Ok(found));
                }
                Some(Entry::Unreadable(error)) => {
                    self.is_empty = false;
                    return Some(Err(error));
                }
                None => {
                    self.open.pop();
                }
            }
        }
        // Said once.
        let was_empty = std::mem::take(&mut self.is_empty);
        was_empty.then(|| Err(Error::NoDocuments { path: self.path.display().to_string() }))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn found(files: &[&str]) -> (TempDir, Vec<std::result::Result<String, String>>) {
        let folder = TempDir::new().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let ids = Directory::new(folder.path()).map(|it| it.map(|it| it.id).map_err(|error| error.to_string()));
        let ids = ids.collect();
        (folder, ids)
    }

    #[test]
    fn files_of_known_kinds_come_sorted_by_path() {
        let files = ["b.txt", "a/z.HTML", "a/b/c.md", "a.srt", "c.rs", ".hidden.txt", ".git/d.txt", "a/.x.txt", "docx"];
        let (_, ids) = found(&files);
        assert_eq!(ids, ["a/b/c.md", "a/z.HTML", "a.srt", "b.txt"].map(|id| Ok(id.to_owned())));
    }

    #[test]
    fn a_directory_without_documents_is_an_error_said_once() {
        let (folder, ids) = found(&["a/b.rs"]);
        assert_eq!(ids, [Err(format!("found no documents in `{}`", folder.path().display()))]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_is_followed_and_one_to_a_directory_is_not() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("a.txt"), "").unwrap();
        std::os::unix::fs::symlink(folder.path().join("a.txt"), folder.path().join("b.txt")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        let ids: Vec<_> = Directory::new(folder.path()).map(|it| it.unwrap().id).collect();
        assert_eq!(ids, ["a.txt", "b.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_or_in_a_circle_is_an_error_and_the_others_go_on() {
        use std::os::unix::{fs::symlink, net::UnixListener};
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.txt"), "").unwrap();
        symlink(at("none"), at("b.txt")).unwrap();
        symlink(at("c.txt"), at("c.txt")).unwrap();
        // Nobody takes these for documents.
        symlink(at("none"), at("d.rs")).unwrap();
        symlink(at("none"), at(".e.txt")).unwrap();
        let _listener = UnixListener::bind(at("f.txt")).unwrap();
        let told = |error: Error| format!("{error}: {}", std::error::Error::source(&error).unwrap());
        let found: Vec<_> = Directory::new(folder.path()).map(|it| it.map_or_else(told, |it| it.id)).collect();
        let is_named = |name: &str, why: &str| {
            let start = format!("cannot read `{}`: {why}", at(name).display());
            assert!(found.iter().any(|it| it.starts_with(&start)), "{name}: {found:?}");
        };
        is_named("b.txt", "the link leads nowhere or in a circle");
        is_named("c.txt", "the link leads nowhere or in a circle");
        is_named("f.txt", "it is a pipe, a socket or a device");
        assert_eq!((found.len(), &*found[3]), (4, "a.txt"));
    }

    /// The ids of the documents, and their files; `?` where one is missing.
    fn documents(files: &[&str]) -> Vec<String> {
        let folder = TempDir::new().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let directory = Directory::new(folder.path());
        let shown = |path: &Path| directory.id(path);
        Directory::new(folder.path())
            .map(|found| match found.unwrap() {
                Found { id, place: Place::One(path) } => format!("{id}: {}", shown(&path)),
                Found { id, place: Place::Two { zh, en } } => format!("{id}: {} + {}", shown(&zh), shown(&en)),
                Found { id, place: Place::Alone { path, missing } } => {
                    format!("{id}: {} + no {}", shown(&path), missing.name())
                }
            })
            .collect()
    }

    #[test]
    fn files_whose_names_differ_in_the_language_alone_are_one_document() {
        for (files, expected) in [
            (
                &["1.zh.txt", "1.en.txt", "2_EN.md", "2_zh.md"][..],
                &["1.txt: 1.zh.txt + 1.en.txt", "2.md: 2_zh.md + 2_EN.md"][..],
            ),
            (&["a-zh-CN.srt", "a.en_US.srt", "b.txt"], &["a.srt: a-zh-CN.srt + a.en_US.srt", "b.txt: b.txt"]),
            (&["README.md", "README.zh-CN.md"], &["README.md: README.zh-CN.md + README.md"]),
            (&["README.md", "README.en.md"], &["README.md: README.md + README.en.md"]),
            (&["c.zho.docx", "c.en.md"], &["c.docx: c.zho.docx + c.en.md"]),
            (&["d.zh.txt", "d.en.txt", "d.txt"], &["d.txt: d.txt", "d.zh.txt: d.zh.txt + d.en.txt"]),
            (&["e/zh.txt", "e/en.txt"], &["e/zh.txt: e/zh.txt + e/en.txt"]),
            (&["f.zh.txt", "g.en.txt"], &["f.zh.txt: f.zh.txt + no English", "g.en.txt: g.en.txt + no Chinese"]),
            (&["h.zh-en.txt", "i.zh.jsonl"], &["h.zh-en.txt: h.zh-en.txt", "i.zh.jsonl: i.zh.jsonl"]),
            (&["j.zh-CN.md", "j.zh-TW.md", "j.md"], &["j.md: j.zh-CN.md + j.md", "j.zh-TW.md: j.zh-TW.md + j.md"]),
        ] {
            assert_eq!(documents(files), expected, "{files:?}");
        }
    }

    #[test]
    fn folders_named_by_the_languages_are_one_folder() {
        let files =
            ["m/zh/a.txt", "m/zh/s/b.txt", "m/en-US/a.txt", "m/en-US/s/b.md", "m/en-US/c.txt", "m/z.txt", "zh/n.txt"];
        let expected = [
            "m/a.txt: m/zh/a.txt + m/en-US/a.txt",
            "m/en-US/c.txt: m/en-US/c.txt + no Chinese",
            "m/s/b.txt: m/zh/s/b.txt + m/en-US/s/b.md",
            "m/z.txt: m/z.txt",
            "zh/n.txt: zh/n.txt",
        ];
        assert_eq!(documents(&files), expected);
    }
}
