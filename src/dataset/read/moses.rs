//! Moses corpora: two files of as many lines, a pair on each, as OPUS has them. Their names differ in the ending alone,
//! which is a code of the language: `.zh`, `.zh_CN`, `.zho`; `.en`, `.eng`.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Row, lines::Lines};
use crate::{
    dataset::{Candidate, aligned::tidy},
    error::{Error, Result},
    text::Lang,
};

/// The two files of which `path` is one, the Chinese first; none where its ending is no code of a language. Of several
/// files that could be the other, that with the shortest ending is; where there is none, the one that should be.
pub(super) fn files(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let lang = language(path)?;
    let (other, usual) = if lang == Lang::Zh { (Lang::En, "en") } else { (Lang::Zh, "zh") };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.file_name()));
    let partners = beside
        .filter(|name| Path::new(name).file_stem() == path.file_stem() && language(Path::new(name)) == Some(other));
    let partner = partners.min_by_key(|name| (name.len(), name.clone()));
    let partner = partner.map_or_else(|| path.with_extension(usual), |name| path.with_file_name(name));
    Some(if lang == Lang::Zh { (path.to_owned(), partner) } else { (partner, path.to_owned()) })
}

fn language(path: &Path) -> Option<Lang> {
    path.extension().and_then(OsStr::to_str).and_then(Lang::of_code)
}

/// The rows of the files. That one of them ends before the other is an error, for then no line can be trusted.
pub(super) fn rows(zh: &Path, en: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let mut files = [Lines::open(zh)?, Lines::open(en)?];
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        let row = if ended { None } else { next(&mut files).transpose() };
        ended = !matches!(row, Some(Ok(_)));
        row
    }))
}

fn next(files: &mut [Lines; 2]) -> Result<Option<Row>> {
    let [zh_lines, en_lines] = files;
    let (zh, en) = match (zh_lines.read()?, en_lines.read()?) {
        (Some(zh), Some(en)) => (zh, en),
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(ended(en_lines, zh_lines)),
        (None, Some(_)) => return Err(ended(zh_lines, en_lines)),
    };
    Ok(Some(match (zh, en) {
        (Ok(zh), Ok(en)) => Row::Pair(Candidate {
            zh: tidy(zh),
            en: tidy(en),
            confidence: None,
            doc: Arc::clone(zh_lines.path()),
            line: Some(zh_lines.number()),
            flaw: None,
            is_draft: false,
        }),
        (Err(bad), _) | (_, Err(bad)) => Row::Bad(bad),
    }))
}

fn ended(shorter: &Lines, longer: &Lines) -> Error {
    Error::Format {
        path: shorter.path().to_string(),
        line: longer.number(),
        what: format!("it ends before this line, which `{}` has", longer.path()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::told, *};

    #[test]
    fn names_of_every_custom_are_files_of_one_corpus() {
        let folder = tempfile::tempdir().unwrap();
        for names in [
            ["a.zh", "a.en"],
            ["b.en-zh_CN.zh_CN", "b.en-zh_CN.en"],
            ["c.zho", "c.eng"],
            ["d.zh-Hans", "d.en"],
            ["e.zh-en.zh", "e.zh-en.en"],
        ] {
            let paths = names.map(|name| folder.path().join(name));
            for path in &paths {
                fs::write(path, "").unwrap();
            }
            let [zh, en] = paths.clone();
            assert_eq!(paths.map(|path| files(&path)), [Some((zh.clone(), en.clone())), Some((zh, en))]);
        }
        fs::write(folder.path().join("a.eng"), "").unwrap();
        assert_eq!(files(&folder.path().join("a.zh")).unwrap().1, folder.path().join("a.en"));
        assert_eq!(files(Path::new("no/such.zh_TW")).unwrap().1, Path::new("no/such.en"));
        assert_eq!((files(Path::new("notes.txt")), files(Path::new("zh"))), (None, None));
    }

    #[test]
    fn lines_of_one_number_are_pairs() {
        let zh = ("c.en-zh.zh", "一只猫\n两只猫\n\n".as_bytes());
        let en = ("c.en-zh.en", &b"A cat\nTwo\x81 cats\n\n"[..]);
        let expected = [
            "1: 一只猫 | A cat | - | c.en-zh.zh",
            "bad: `c.en-zh.en`, line 2: byte 3 of it is no UTF-8",
            "3:  |  | - | c.en-zh.zh",
        ];
        assert_eq!(told(&[zh, en]), expected);
        assert_eq!(told(&[en, zh]), expected);
    }

    #[test]
    fn a_file_that_ends_early_is_an_error() {
        let zh = ("c.zh", "一只猫\n".as_bytes());
        let en = ("c.en", &b"A cat\nTwo cats\nThree cats\n"[..]);
        let expected = "error: cannot read `c.zh`, line 2: it ends before this line, which `c.en` has";
        assert_eq!(told(&[zh, en])[1..], [expected]);
        let missing = told(&[zh]);
        assert_eq!(missing, ["error: cannot read `c.en`"]);
    }
}
