//! Advice on errors, in the words of the command line.

use std::io;

use mtalign::{error::Error, text::Lang};

/// What the user can do about an error, where that is not plain.
pub(crate) fn hint(error: &Error) -> Option<&'static str> {
    match error {
        Error::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            Some("check the path; `-` reads from standard input")
        }
        Error::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            Some("ask for permission to read it, or copy it to a folder of yours")
        }
        Error::Directory { .. } => Some("name a file in it"),
        Error::Several { .. } => Some("`mtalign align` and `mtalign coverage` take it as INPUT"),
        Error::NotRead { instead, .. } => Some(instead),
        Error::NoDocuments { .. } => Some(
            "files in it are known by their endings: .txt, .md, .html, .docx, .epub, .srt, .vtt, .ass, .jsonl; pairs of files \
                  by their names: `NAME.zh.txt` and `NAME.en.txt`",
        ),
        Error::Unpaired { .. } => Some(
            "name the two files alike but for the language, such as `NAME.zh.txt` and `NAME.en.txt`, or give them as \
             --zh FILE --en FILE",
        ),
        Error::Malformed { .. } => Some("open it in the program that it is from and save it again, or save it as text"),
        Error::Binary { .. } => Some(
            "give text, Markdown, HTML, subtitles (.srt, .vtt, .ass), a Word document (.docx) or a book (.epub), with the \
             right ending; save others as text first",
        ),
        Error::Encoding { .. } => Some("convert the file to UTF-8, or remove the damaged bytes"),
        Error::Empty { .. } => Some("check that the right file was given and that it was saved"),
        Error::NoText { lang: Lang::Zh, .. } => {
            Some("the input must hold Chinese text; two files are given as --zh FILE --en FILE")
        }
        Error::NoText { lang: Lang::En, .. } => {
            Some("`mtalign coverage` accepts a text without English; two files are given as --zh FILE --en FILE")
        }
        Error::Exchanged { .. } => Some("exchange them: the Chinese is given as --zh FILE, the English as --en FILE"),
        Error::NoConfidence { .. } => Some(
            "a confidence is a probability from 0 to 1 in the third field, `[0]:[0,1]:0.98`, which \
             `mtalign align -f index` writes; without it there is no --calibration",
        ),
        Error::Misfit { .. } => Some(
            "sentences have the numbers that `mtalign align -f index` gives them, for the same texts and with or \
             without --sentences alike",
        ),
        Error::Model { .. } => {
            Some("`mtalign model list` names the models there are, `mtalign model check DIR` looks at one")
        }
        Error::Install { hint, .. } => Some(hint),
        Error::ModelName { .. } => Some(
            "choose another with `--name`: letters, digits, `-`, `_` and `.` inside, other than the default model's",
        ),
        Error::Occupied { .. } => {
            Some("name a new or an empty folder; `--overwrite` replaces a former data set, and nothing else")
        }
        Error::NothingLeft { .. } => {
            Some("check that the columns are Chinese and then English; `--skip FILTER` leaves a filter out")
        }
        Error::NoCuda => {
            Some("leave out `--device cuda`, or set LIBTORCH to a libtorch 2.4.0 for CUDA and build again")
        }
        Error::Fault { .. } => {
            Some("please report these lines, with the document if you may; the other documents are not concerned")
        }
        Error::OwnInput { .. } => Some("give the output another name"),
        Error::Write { .. } => {
            Some("check that the folder exists, that you may write there and that the disk has room")
        }
        // Nothing can be done about the others, or their messages say it.
        _ => None,
    }
}
