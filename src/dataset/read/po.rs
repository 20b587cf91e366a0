//! Messages of gettext: `msgid "…"`, `msgstr "…"`. Which of the two is Chinese is found by language, over the file.
//!
//! Each plural form is a pair: the first with `msgid`, where there are several, the others with `msgid_plural`; a lone
//! one, as Chinese has it, with `msgid_plural`. An entry that is fuzzy (a program's guess) or obsolete is told as a bad
//! line, and an untranslated one comes out with an empty side. The header, whose `msgid` is empty, is no entry.

use std::{collections::VecDeque, path::Path, sync::Arc};

use super::{
    BadLine, Row,
    cells::Cells,
    columns,
    lines::Lines,
    table::{self, Table},
};
use crate::error::Result;

/// The most bytes of an entry.
const LONGEST: usize = 1 << 20;

/// The rows of the file, one for each form of an entry.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let found = columns::find_without_header(&table::sample(&mut Po::open(path)?)?);
    Ok(table::rows(Po::open(path)?, &found))
}

struct Po {
    lines: Lines,
    entry: Entry,
    /// What came of the entries that ended, each with the line on which it began.
    ready: VecDeque<(usize, std::result::Result<[String; 2], String>)>,
    number: usize,
}

/// An entry under way.
#[derive(Default)]
struct Entry {
    line: usize,
    is_fuzzy: bool,
    is_obsolete: bool,
    /// What is wrong with it.
    fault: Option<String>,
    id: Option<String>,
    plural: Option<String>,
    forms: Vec<String>,
    /// What a line in quotes goes on with.
    field: Option<Field>,
    bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Context,
    Id,
    Plural,
    Form,
}

impl Po {
    fn open(path: &Path) -> Result<Self> {
        Ok(Self { lines: Lines::open(path)?, entry: Entry::default(), ready: VecDeque::new(), number: 0 })
    }

    /// Takes the entry under way to be at its end.
    fn end_entry(&mut self) {
        let entry = std::mem::take(&mut self.entry);
        let line = entry.line;
        match entry.pairs() {
            Ok(pairs) => self.ready.extend(pairs.into_iter().map(|pair| (line, Ok(pair)))),
            Err(what) => self.ready.push_back((line, Err(what))),
        }
    }
}

impl Table for Po {
    fn read(&mut self, cells: &mut Cells) -> Result<Option<std::result::Result<(), BadLine>>> {
        cells.clear();
        loop {
            if let Some((line, pair)) = self.ready.pop_front() {
                self.number = line;
                return Ok(Some(match pair {
                    Ok(pair) => {
                        cells.push(&pair[0]);
                        cells.push(&pair[1]);
                        Ok(())
                    }
                    Err(what) => Err(BadLine { path: Arc::clone(self.lines.path()), line, what }),
                }));
            }
            let number = self.lines.number() + 1;
            match self.lines.read()? {
                None if self.entry.line == 0 => return Ok(None),
                None => self.end_entry(),
                Some(Ok(line)) => {
                    let line = line.trim().to_owned();
                    if self.entry.ends_before(&line) {
                        self.end_entry();
                    }
                    self.entry.add(&line, number);
                }
                Some(Err(bad)) => {
                    self.entry.begin(number);
                    self.entry.fault.get_or_insert(bad.what);
                }
            }
        }
    }

    fn line(&self) -> usize {
        self.number
    }

    fn named(&self, column: usize) -> String {
        if column == 0 { "`msgid`" } else { "`msgstr`" }.to_owned()
    }

    fn path(&self) -> &Arc<str> {
        self.lines.path()
    }
}

impl Entry {
    /// Whether `line` is of the next entry, or of none.
    fn ends_before(&self, line: &str) -> bool {
        let message = line.strip_prefix("#~").map_or(line, str::trim_start);
        let begins = message.starts_with("msgctxt") || message.starts_with("msgid ") || message.starts_with("msgid\"");
        let is_comment = message.len() == line.len() && line.starts_with('#');
        self.line > 0 && (line.is_empty() || (!self.forms.is_empty() && (begins || is_comment)))
    }

    fn begin(&mut self, number: usize) {
        if self.line == 0 {
            self.line = number;
        }
    }

    fn add(&mut self, line: &str, number: usize) {
        if line.is_empty() {
            return;
        }
        let message = match line.strip_prefix("#~") {
            Some(obsolete) => {
                self.is_obsolete = true;
                obsolete.trim_start()
            }
            None => line,
        };
        if let Some(flags) = message.strip_prefix("#,") {
            self.begin(number);
            self.is_fuzzy |= flags.split(',').any(|flag| flag.trim() == "fuzzy");
            return;
        }
        // Comments, and (after `|`) what an entry was before.
        if message.starts_with(['#', '|']) || message.is_empty() {
            return;
        }
        self.begin(number);
        self.bytes += line.len();
        let result =
            if self.bytes > LONGEST { Err(format!("it has more than {LONGEST} bytes")) } else { self.message(message) };
        if let Err(what) = result {
            self.fault.get_or_insert(what);
        }
    }

    /// Adds a line with a text in quotes, before which a keyword may stand.
    fn message(&mut self, line: &str) -> std::result::Result<(), String> {
        let open =
            line.find('"').ok_or_else(|| "it has a line that is neither a comment nor a text in quotes".to_owned())?;
        let (keyword, quoted) = line.split_at(open);
        let text = unquoted(quoted)?;
        match keyword.trim() {
            "" => {}
            "msgctxt" => self.field = Some(Field::Context),
            "msgid" => {
                self.field = Some(Field::Id);
                self.id.get_or_insert_default();
            }
            "msgid_plural" => {
                self.field = Some(Field::Plural);
                self.plural.get_or_insert_default();
            }
            form if form == "msgstr" || form.starts_with("msgstr[") => {
                self.field = Some(Field::Form);
                self.forms.push(String::new());
            }
            _ => return Err("it has a keyword that is none of gettext's".to_owned()),
        }
        let field = match self.field {
            Some(Field::Context) => return Ok(()),
            Some(Field::Id) => self.id.as_mut(),
            Some(Field::Plural) => self.plural.as_mut(),
            Some(Field::Form) => self.forms.last_mut(),
            None => None,
        };
        field.ok_or_else(|| "it begins with a text in quotes".to_owned())?.push_str(&text);
        Ok(())
    }

    /// The pairs of the entry, in the order of `msgid` and `msgstr`; or why there is none.
    fn pairs(self) -> std::result::Result<Vec<[String; 2]>, String> {
        if let Some(what) = self.fault {
            return Err(what);
        }
        let Some(id) = self.id else { return Ok(Vec::new()) };
        // The header.
        if id.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_obsolete {
            return Err("the entry is obsolete".to_owned());
        }
        if self.is_fuzzy {
            return Err("the entry is fuzzy: nobody has confirmed its translation".to_owned());
        }
        let others = self.plural.unwrap_or_else(|| id.clone());
        let is_lone = self.forms.len() == 1;
        let of_form = |(number, form)| [if number == 0 && !is_lone { id.clone() } else { others.clone() }, form];
        Ok(self.forms.into_iter().enumerate().map(of_form).collect())
    }
}

/// The text of a string as C writes it.
fn unquoted(quoted: &str) -> std::result::Result<String, String> {
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|inside| {
        let backslashes = inside.chars().rev().take_while(|&c| c == '\\').count();
        backslashes % 2 == 0
    });
    let inside = inside.ok_or_else(|| "it has a quote that is not closed".to_owned())?;
    let mut text = String::with_capacity(inside.len());
    let mut characters = inside.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match characters.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some(it @ ('"' | '\\')) => text.push(it),
            // Bells, codes of bytes: no text has them.
            Some(it) => text.extend(['\\', it]),
            None => {}
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{noted, told};

    const HEAD: &str = "# Messages\nmsgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\n";

    #[test]
    fn messages_are_pairs_whichever_of_them_is_chinese() {
        let text = format!(
            "{HEAD}#: a.c:1\nmsgid \"The file could \\\"not\\\"\"\n\" be opened.\"\nmsgstr \"无法\"\n\"打开文件。\"\n\n\
             #| msgid \"old\"\nmsgctxt \"menu\"\nmsgid \"Save it now\"\nmsgstr \"现在\\n保存\"\nmsgid \"Not yet translated\"\nmsgstr \"\"\n"
        );
        let expected = [
            "note: `a.po`: by their languages, `msgstr` is the Chinese and `msgid` the English",
            "7: 无法打开文件。 | The file could \"not\" be opened. | - | a.po",
            "13: 现在 保存 | Save it now | - | a.po",
            "16:  | Not yet translated | - | a.po",
        ];
        assert_eq!(noted(&[("a.po", text.as_bytes())]), expected);
        let turned =
            "msgid \"状态\"\nmsgstr \"Status\"\n\nmsgid \"无法打开文件。\"\nmsgstr \"It could not be opened.\"\n";
        assert_eq!(
            told(&[("a.po", turned.as_bytes())]),
            ["1: 状态 | Status | - | a.po", "4: 无法打开文件。 | It could not be opened. | - | a.po"]
        );
    }

    #[test]
    fn every_plural_form_is_a_pair() {
        let one = "msgid \"One file was copied.\"\nmsgid_plural \"%d files were copied.\"\nmsgstr[0] \"已复制 %d 个文件。\"\n";
        assert_eq!(told(&[("a.po", one.as_bytes())]), ["1: 已复制 %d 个文件。 | %d files were copied. | - | a.po"]);
        let two = "msgid \"已复制 %d 个文件。\"\nmsgid_plural \"已复制 %d 个文件。\"\nmsgstr[0] \"%d file was copied.\"\nmsgstr[1] \"%d files were copied.\"\n";
        let expected = [
            "1: 已复制 %d 个文件。 | %d file was copied. | - | a.po",
            "1: 已复制 %d 个文件。 | %d files were copied. | - | a.po",
        ];
        assert_eq!(told(&[("a.po", two.as_bytes())]), expected);
    }

    #[test]
    fn entries_that_are_no_pairs_are_told_with_their_reason() {
        let text = "#, c-format, fuzzy\nmsgid \"A guess of a program\"\nmsgstr \"猜测的\"\n\n#~ msgid \"It is gone\"\n#~ msgstr \"没有了\"\n\n\
                    msgid \"no end\nmsgstr \"没有结尾\"\n\nnonsense\n\nmsgid \"It is good\"\nmsgstr \"很好\"\n\"lost\n";
        let expected = [
            "bad: `a.po`, line 1: the entry is fuzzy: nobody has confirmed its translation",
            "bad: `a.po`, line 5: the entry is obsolete",
            "bad: `a.po`, line 8: it has a quote that is not closed",
            "bad: `a.po`, line 11: it has a line that is neither a comment nor a text in quotes",
            "bad: `a.po`, line 13: it has a quote that is not closed",
        ];
        assert_eq!(told(&[("a.po", text.as_bytes())]), expected);
        assert_eq!(told(&[("a.po", b"# \xe4\xb8\x80\n\xe4\xb8\n")]), ["bad: `a.po`, line 2: byte 0 of it is no UTF-8"]);
        assert_eq!(told(&[("a.po", b"")]), [""; 0]);
    }

    #[test]
    fn an_entry_cannot_fill_the_memory() {
        let text = format!("msgid \"x\"\n{}", format!("\"{}\"\n", "y".repeat(1000)).repeat(3000));
        assert_eq!(told(&[("a.po", text.as_bytes())]), ["bad: `a.po`, line 1: it has more than 1048576 bytes"]);
    }
}
