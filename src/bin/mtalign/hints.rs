//! Advice on errors, in the words of the command line.

use std::io;

use mtalign::{dataset::Filter, error::Error, text::Lang};

/// What the user can do about an error, where that is not plain.
pub(crate) fn hint(error: &Error) -> Option<&'static str> {
    match error {
        Error::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            Some("check the path: its spelling, and the folder from which the program was called")
        }
        Error::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            Some("ask for permission to read it, or copy it to a folder of yours")
        }
        Error::Record { source, .. } => hint(source),
        Error::Directory { .. } => Some("name a file in it"),
        Error::Several { .. } => Some("`mtalign align` and `mtalign coverage` take it as INPUT"),
        Error::NotRead { instead, .. } => Some(instead),
        Error::NoPairs { .. } => Some("`mtalign align` makes pairs of documents, and gives them a confidence"),
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
        Error::Encodings { .. } => {
            Some("it was put together of files in different encodings; convert each to UTF-8, then put them together")
        }
        Error::TooLarge { .. } => {
            Some("divide it, by its chapters or volumes; a directory may hold any number of them")
        }
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
        Error::NothingLeft { dropped_by, .. } => {
            Some(dropped_by.and_then(|name| name.parse().ok()).map_or(NO_PAIRS, nothing_left))
        }
        Error::Cache { .. } => Some("wait until other calls of mtalign are done, or run `mtalign cache clear`"),
        Error::NoCacheFolder => Some("set MTALIGN_CACHE to a folder of yours"),
        Error::NoCuda => {
            Some("leave out `--device cuda`, or set LIBTORCH to a libtorch 2.4.0 for CUDA and build again")
        }
        Error::Fault { .. } => {
            Some("please report these lines, with the document if you may; the other documents are not concerned")
        }
        Error::OwnInput { .. } | Error::SameOutput { .. } => Some("give the output another name"),
        Error::Resume { .. } => {
            Some("resume with the same arguments and inputs, or remove the journal and begin anew without `--resume`")
        }
        Error::Write { source, .. } if source.kind() == io::ErrorKind::NotConnected => {
            Some("let it lead somewhere, if only to /dev/null, or name a file with `-o`")
        }
        Error::Write { .. } => {
            Some("check that the folder exists, that you may write there and that the disk has room")
        }
        // Nothing can be done about the others, or their messages say it.
        _ => None,
    }
}

/// Advice where an input held no pairs at all.
const NO_PAIRS: &str = "no pair could be read; `mtalign dataset --help` says which files hold pairs, and in which form";

/// Advice where a filter dropped most of the pairs, and nothing was left.
fn nothing_left(filter: Filter) -> &'static str {
    match filter {
        Filter::WrongLanguage => {
            "check that the texts are Chinese and English, and which columns were taken for them; \
             `--skip no_wrong_language` keeps them"
        }
        Filter::Empty => "one of the texts is missing: the file may not be translated yet, or its columns be others",
        Filter::Confidence => "`--min-confidence 0` keeps pairs whatever their confidence",
        Filter::TooLong | Filter::TooShort | Filter::LengthRatio => {
            "check that each row is one sentence and its translation; `--skip not_too_long,not_too_short,length_ratio` keeps \
             them"
        }
        Filter::Identical => {
            "the texts are not translated, or one column was taken for both; `--skip no_identical` keeps them"
        }
        Filter::OnlySymbols => "check the columns: what was taken for texts are hardly letters",
        Filter::BadEncoding => "convert the file to UTF-8 from the encoding in which it was saved",
        Filter::HtmlTags | Filter::HtmlEntities | Filter::Literals => {
            "take tags and entities out of the texts, or keep them with `--skip no_html_tags,no_html_entities,no_literals`"
        }
        Filter::RepeatedWords => "`--skip no_repeated_words` keeps texts that say the same over and over",
        Filter::NumberInconsistencies => {
            "check that the rows of both languages belong together: their numbers do not; `--skip no_number_inconsistencies` \
             keeps them"
        }
        Filter::UrlInconsistencies | Filter::PunctuationInconsistencies => {
            "check that the rows of both languages belong together; \
             `--skip no_url_inconsistencies,no_punctuation_inconsistencies` keeps them"
        }
        Filter::Untranslated => "texts are translated in part only; `--skip no_untranslated` keeps them",
        Filter::FlawedTranslation => "another `--model` may translate the Chinese well enough to align it",
        Filter::MachineTranslated => "`--skip no_machine_translation` keeps what a machine translated",
        Filter::Duplicates => "`--skip no_duplicates` keeps pairs that come again",
        Filter::SharedTexts => "`--validation 0 --test 0` divides nothing, so that no text is in two splits",
    }
}
