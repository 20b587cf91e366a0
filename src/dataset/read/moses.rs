//! Moses corpora: two files of as many lines, a pair on each, as OPUS has them.

use std::{path::Path, sync::Arc};

use super::{Row, lines::Lines};
use crate::{
    dataset::{Candidate, aligned::tidy},
    error::{Error, Result},
};

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
    use super::super::tests::told;

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
