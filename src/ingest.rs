//! 1 · Ingestion: files → documents, with which text is Chinese, which is English, and where its paragraphs are.
//!
//! In come the paths that the user named; out come `Document`s whose spans point into the decoded files. Two files
//! are taken as they are: every line of the Chinese one is Chinese text, be it `OK.` or `1984`. One file with both
//! languages is told apart line by line; what is neither Chinese nor English is set aside and listed, never guessed
//! at. A file's ending says what it is: text, Markdown, HTML, a Word document, an
//! EPUB book, subtitles, or JSON Lines of documents.
//! Nothing inside a file decides which other file is read.

mod bytes;
mod directory;
mod documents;
mod archive;
mod docx;
mod encoding;
mod epub;
mod excerpts;
mod foreign;
mod html;
mod kind;
mod markdown;
mod mixed;
mod pages;
mod paragraphs;
mod plain;
mod strays;
mod plausibility;
mod records;
mod script;
mod standard_input;
mod subtitles;
mod tables;

pub(crate) use bytes::{LARGEST, file_bytes};
pub use documents::Documents;
pub(crate) use encoding::{detect as detect_encoding, is_utf_32, utf_8_within, utf_32};

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use self::{bytes::read_bytes, kind::Kind, tables::Cell};
use crate::{
    both::Both,
    document::{ByteMap, Document, Original, Paragraph, SetAside, Side, Span},
    error::{Error, Result, panic},
    text::{Lang, visible_length},
};

/// An input: where documents come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One file with both languages, or `-` for standard input; where many documents are wanted, a directory or JSON
    /// Lines too.
    Mixed(PathBuf),
    /// JSON Lines of documents, whatever the file is called and begins with; of which there may be none.
    Records(PathBuf),
    /// A Chinese file and an English one; one of them may be `-`.
    Two {
        /// The Chinese file.
        zh: PathBuf,
        /// The English file.
        en: PathBuf,
    },
}

/// The layout of a file: what its lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// Running text: a paragraph may be broken into lines, and lines may be paragraphs.
    #[default]
    Prose,
    /// One sentence a line; only a blank line ends a paragraph. Markdown is not looked for.
    Lines,
}

/// Options for reading: the layout, and what must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The layout of the file.
    pub layout: Layout,
    /// Whether a side without text is an error; where it is not, the side comes out without paragraphs.
    pub required: Both<bool>,
}

/// Prose, in which both languages must be found.
impl Default for Options {
    fn default() -> Self {
        Self { layout: Layout::default(), required: Both::new(true, true) }
    }
}

/// A stretch of a file that the format sets apart: lines of different blocks never belong to one paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    span: Span,
    heading: bool,
    /// The cell of a table that it stands in.
    cell: Option<Cell>,
}

/// The blocks of a file, and what the format says is no text (code, for one).
#[derive(Debug, Default)]
struct Blocks {
    blocks: Vec<Block>,
    set_aside: Vec<SetAside>,
}

/// Reads one document; [`Documents`] reads many.
///
/// Fails if a file cannot be read or decoded, is binary or empty, or holds no text of a required language.
pub fn read(input: &Input, options: Options) -> Result<Document> {
    match input {
        Input::Mixed(path) => read_mixed(path, path.display().to_string(), options),
        Input::Records(path) => Err(Error::Several { path: path.display().to_string() }),
        Input::Two { zh, en } => read_two(zh.display().to_string(), zh, en, options),
    }
}

/// Makes a document of two texts at hand, called `id`. Fails as [`read`] does where one has no text of its language.
pub fn from_texts(id: &str, texts: Both<&str>, layout: Layout) -> Result<Document> {
    in_memory(id, texts, Options { layout, required: Both::new(true, true) })
}

/// Makes a document of two texts at hand, called `id`, where a text without its language is a side without
/// paragraphs.
pub fn from_texts_or_nothing(id: &str, texts: Both<&str>, layout: Layout) -> Result<Document> {
    in_memory(id, texts, Options { layout, required: Both::new(false, false) })
}

/// Makes a document of two texts that are cut into sentences: each is a line, whatever it holds.
pub fn from_sentences<T: AsRef<str>>(id: &str, sentences: Both<&[T]>) -> Result<Document> {
    let one_line = |sentence: &T| sentence.as_ref().replace(['\n', '\r'], " ");
    let texts = sentences.map(|side| side.iter().map(one_line).collect::<Vec<_>>().join("\n"));
    from_texts(id, Both::new(&texts.source, &texts.target), Layout::Lines)
}

fn in_memory(id: &str, texts: Both<&str>, options: Options) -> Result<Document> {
    let of = |text: &str| {
        let original = Original::new(id, text, ByteMap::shifted(0));
        let blocks = plain::blocks(&original);
        (Arc::new(original), blocks)
    };
    two_sides(id.to_owned(), texts.map(of), options)
}

fn read_mixed(path: &Path, id: String, options: Options) -> Result<Document> {
    panic::guard(&path.display().to_string(), || {
        let (original, blocks) = read_file(path, options.layout, None)?;
        mixed_document(id, &Arc::new(original), &blocks, options)
    })
}

/// The document of a text with both languages that was read, which is called `name`.
fn read_text(name: &str, bytes: &[u8], options: Options) -> Result<Document> {
    panic::guard(name, || {
        let (original, blocks) = plain_text(name, bytes, options.layout)?;
        mixed_document("-".to_owned(), &Arc::new(original), &blocks, options)
    })
}

fn read_two(id: String, zh: &Path, en: &Path, options: Options) -> Result<Document> {
    panic::guard(&zh.display().to_string(), || {
        let of = |path: &Path, lang| read_file(path, options.layout, Some(lang));
        let files = Both::new(of(zh, Lang::Zh)?, of(en, Lang::En)?);
        two_sides(id, files.map(|(original, blocks)| (Arc::new(original), blocks)), options)
    })
}

/// A document of two texts, each in a language of its own.
fn two_sides(id: String, texts: Both<(Arc<Original>, Blocks)>, options: Options) -> Result<Document> {
    let of = |lang, (original, blocks): &(Arc<Original>, Blocks), required| {
        side(lang, Arc::clone(original), blocks, options.layout, required)
    };
    let source = of(Lang::Zh, &texts.source, options.required.source)?;
    let target = of(Lang::En, &texts.target, options.required.target)?;
    if is_of_the_other(&source) && is_of_the_other(&target) {
        return Err(Error::Exchanged { zh: source.original.name.clone(), en: target.original.name.clone() });
    }
    let set_aside = texts.map(|(_, blocks)| blocks.set_aside);
    Ok(Document { id, sides: Both::new(source, target), set_aside })
}

/// Whether most of a side is in the other language.
fn is_of_the_other(side: &Side) -> bool {
    let length = |paragraph: &Paragraph| visible_length(paragraph.span.of(&side.original.text));
    let strays = side.paragraphs.iter().filter(|paragraph| paragraph.lang != side.lang).map(length).sum::<usize>();
    2 * strays > side.paragraphs.iter().map(length).sum()
}

/// Reads a file of one language, `-` for standard input. Every line is a part of it, whatever its script.
///
/// A file without a single letter of `lang` is the wrong file: an error if `required`, else a side without
/// paragraphs. Otherwise fails as [`read`] does.
pub fn read_side(path: &Path, lang: Lang, layout: Layout, required: bool) -> Result<Side> {
    let (original, blocks) = read_file(path, layout, Some(lang))?;
    side(lang, Arc::new(original), &blocks, layout, required)
}

/// A document of a text with both languages.
fn mixed_document(id: String, original: &Arc<Original>, blocks: &Blocks, options: Options) -> Result<Document> {
    let mixed::Parts { paragraphs, set_aside } = mixed::parts(original, blocks, options.layout);
    let side = |lang, paragraphs, required: bool| match paragraphs {
        paragraphs if required && Vec::is_empty(&paragraphs) => no_text(original, lang),
        paragraphs => Ok(Side { lang, original: Arc::clone(original), paragraphs }),
    };
    let sides = Both::new(
        side(Lang::Zh, paragraphs.source, options.required.source)?,
        side(Lang::En, paragraphs.target, options.required.target)?,
    );
    Ok(Document { id, sides, set_aside: Both::new(set_aside, Vec::new()) })
}

/// A text of one language. What of it is a sentence of the other was left untranslated, and is a paragraph of that.
fn side(lang: Lang, original: Arc<Original>, blocks: &Blocks, layout: Layout, required: bool) -> Result<Side> {
    let is_there = script::holds(lang, &original.text);
    let paragraphs = if is_there { strays::paragraphs(&original, blocks, lang, layout) } else { Vec::new() };
    if required && paragraphs.is_empty() {
        return no_text(&original, lang);
    }
    Ok(Side { lang, original, paragraphs })
}

/// The language of one line of text; none where it is of another, or of none.
pub fn language(line: &str) -> Option<Lang> {
    match script::read(line) {
        script::Reading::In(lang) => Some(lang),
        script::Reading::Foreign | script::Reading::Either | script::Reading::Rule => None,
    }
}

fn no_text<T>(original: &Original, lang: Lang) -> Result<T> {
    Err(Error::NoText { path: original.name.clone(), lang })
}

/// The text of a file and its blocks; `only` is the language of all of it, where it is known.
fn read_file(path: &Path, layout: Layout, only: Option<Lang>) -> Result<(Original, Blocks)> {
    let kind = Kind::of(path);
    if kind == Kind::Records {
        return Err(Error::Several { path: path.display().to_string() });
    }
    if let Some((format, instead)) = kind::not_read(path) {
        return Err(Error::NotRead { path: path.display().to_string(), format, instead });
    }
    let (name, bytes) = read_bytes(path)?;
    match kind {
        Kind::Html => html::read(&name, &bytes),
        Kind::Word => docx::read(&name, &bytes),
        Kind::Book => epub::read(&name, &bytes),
        Kind::Subtitles => subtitles::read(&decode(&name, &bytes)?, subtitles::srt, layout, only),
        Kind::WebVtt => subtitles::read(&decode(&name, &bytes)?, subtitles::vtt, layout, only),
        Kind::SubStation => subtitles::read(&decode(&name, &bytes)?, subtitles::ass, layout, only),
        Kind::Markdown if layout == Layout::Prose => markdown::read(&decode(&name, &bytes)?),
        Kind::Markdown | Kind::Plain | Kind::Records => plain_text(&name, &bytes, layout),
    }
}

fn plain_text(name: &str, bytes: &[u8], layout: Layout) -> Result<(Original, Blocks)> {
    let original = decode(name, bytes)?;
    if layout == Layout::Prose {
        return Ok(pages::read(original));
    }
    let blocks = plain::blocks(&original);
    Ok((original, blocks))
}

/// Reads and decodes a file as it is, `-` for standard input; a file of white space is an error.
pub fn open(path: &Path) -> Result<Original> {
    let (name, bytes) = read_bytes(path)?;
    decode(&name, &bytes)
}

fn decode(name: &str, bytes: &[u8]) -> Result<Original> {
    let original = encoding::decode(name, bytes)?;
    if original.text.trim().is_empty() {
        return Err(Error::Empty { path: name.to_owned() });
    }
    Ok(original)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use tempfile::TempDir;

    use super::*;

    fn file(dir: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn texts(side: &Side) -> Vec<&str> {
        side.paragraphs.iter().map(|paragraph| paragraph.span.of(&side.original.text)).collect()
    }

    #[test]
    fn a_mixed_file_gives_two_sides_of_one_original() {
        let dir = TempDir::new().unwrap();
        let path = file(&dir, "a.txt", "The sky is blue.\n\n　　天是蓝的。\n\nСнег белый.\n");
        let document = read(&Input::Mixed(path.clone()), Options::default()).unwrap();
        assert_eq!(document.id, path.display().to_string());
        assert!(Arc::ptr_eq(&document.sides.source.original, &document.sides.target.original));
        assert_eq!(texts(&document.sides.source), ["天是蓝的。"]);
        assert_eq!(texts(&document.sides.target), ["The sky is blue."]);
        let text = &document.sides.source.original.text;
        assert_eq!(
            document.set_aside.source.iter().map(|aside| aside.span.of(text)).collect::<Vec<_>>(),
            ["Снег белый."]
        );
    }

    #[test]
    fn every_line_of_a_file_of_one_language_belongs_to_it() {
        let dir = TempDir::new().unwrap();
        let zh = file(&dir, "zh.txt", "一九八四\nOK.\n1984\n\n***\n");
        let en = file(&dir, "en.txt", "Nineteen Eighty-Four\n中\n\n1984\n");
        let options = Options { layout: Layout::Lines, ..Options::default() };
        let document = read(&Input::Two { zh: zh.clone(), en }, options).unwrap();
        assert_eq!(document.id, zh.display().to_string());
        assert_eq!(texts(&document.sides.source), ["一九八四\nOK.\n1984", "***"]);
        assert_eq!(texts(&document.sides.target), ["Nineteen Eighty-Four\n中", "1984"]);
    }

    #[test]
    fn a_markdown_file_is_text_when_its_lines_are_sentences() {
        let dir = TempDir::new().unwrap();
        let path = file(&dir, "a.md", "# 标题\n正文。\n");
        let prose = read_side(&path, Lang::Zh, Layout::Prose, true).unwrap();
        assert_eq!(texts(&prose), ["标题", "正文。"]);
        assert_eq!(prose.paragraphs.iter().map(|paragraph| paragraph.heading).collect::<Vec<_>>(), [true, false]);
        let lines = read_side(&path, Lang::Zh, Layout::Lines, true).unwrap();
        assert_eq!(texts(&lines), ["# 标题\n正文。"]);
    }

    #[test]
    fn a_side_that_is_not_required_may_be_absent() {
        let dir = TempDir::new().unwrap();
        let path = file(&dir, "a.txt", "只有中文。\n");
        let options = Options { required: Both::new(true, false), ..Options::default() };
        let document = read(&Input::Mixed(path.clone()), options).unwrap();
        assert_eq!(texts(&document.sides.source), ["只有中文。"]);
        assert!(document.sides.target.paragraphs.is_empty());
        assert!(read_side(&path, Lang::En, Layout::Prose, false).unwrap().paragraphs.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_said_in_one_line() {
        let dir = TempDir::new().unwrap();
        let mixed = |path: PathBuf| read(&Input::Mixed(path), Options::default()).unwrap_err().to_string();
        let cases: [(&str, &[u8], &str); 7] = [
            ("empty.txt", b"", "`PATH` is empty"),
            ("blank.txt", "\u{feff} \r\n\u{3000}\n".as_bytes(), "`PATH` is empty"),
            ("zh.txt", "中文。".as_bytes(), "found no English in `PATH`"),
            ("en.txt", b"English.", "found no Chinese in `PATH`"),
            ("ja.txt", "これは日本語です。".as_bytes(), "found no Chinese in `PATH`"),
            ("junk", b"\x89PNG\x00\x00", "cannot read `PATH` as text: byte 4 is 0x00, which no text file has"),
            ("cut.txt", b"\xe4\xb8\xad\xe6", "cannot decode `PATH` as UTF-8: the bytes at offset 3 are not valid"),
        ];
        for (name, content, message) in cases {
            let path = file(&dir, name, content);
            assert_eq!(mixed(path.clone()), message.replace("PATH", &path.display().to_string()));
        }
        let several = file(&dir, "a.jsonl", "{}");
        let message = format!("cannot read `{}` as one text: it holds a document a line", several.display());
        assert_eq!(mixed(several), message);
        let folder = dir.path().display().to_string();
        assert_eq!(mixed(dir.path().to_owned()), format!("cannot read `{folder}`: it is a directory"));
        assert_eq!(mixed(dir.path().join("none")), format!("cannot read `{folder}/none`"));
        let chinese = file(&dir, "zh2.txt", "中文。");
        let error = read_side(&chinese, Lang::En, Layout::Lines, true).unwrap_err();
        assert!(matches!(error, Error::NoText { lang: Lang::En, .. }));
    }
}
