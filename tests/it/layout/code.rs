//! Rust source → the paths that its code names. Comments, texts and characters are no code and name nothing.
//!
//! Every path is whole (`use a::{b, c::d}` names `a::b` and `a::c::d`), and paths that start with `crate`, `self` or
//! `super` are told from the root of the crate.

use std::{iter::Peekable, vec::IntoIter};

/// A path in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    /// Into this crate, from its root; the last segment may be `*`.
    Inside(Vec<String>),
    /// Anything else: another crate, or a name that was brought in by `use`.
    Outside(Vec<String>),
}

/// The paths that the code of the module `module` names.
pub(super) fn paths(module: &[String], source: &str) -> Vec<Path> {
    let mut tokens = tokens(source).into_iter().peekable();
    let mut module = module.to_vec();
    // At which depth of braces each module inside the file was opened.
    let mut opened = Vec::new();
    let (mut depth, mut after_dot) = (0_usize, false);
    let mut found = Vec::new();
    while let Some(token) = tokens.next() {
        match &token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => {
                depth = depth.saturating_sub(1);
                if opened.last() == Some(&depth) {
                    opened.pop();
                    module.pop();
                }
            }
            Token::Word(word) if word == "mod" => {
                if let Some(Token::Word(name)) = tokens.next()
                    && tokens.peek() == Some(&Token::Mark('{'))
                {
                    opened.push(depth);
                    module.push(name);
                }
            }
            Token::Word(first) if !after_dot => {
                let mut whole = Vec::new();
                finish_path(vec![first.clone()], &mut tokens, &mut whole);
                found.extend(whole.into_iter().map(|path| from_root(&module, path)));
            }
            _ => {}
        }
        after_dot = token == Token::Mark('.');
    }
    found
}

/// Reads what follows the start of a path, and adds all paths that come of it.
fn finish_path(mut path: Vec<String>, tokens: &mut Peekable<IntoIter<Token>>, whole: &mut Vec<Vec<String>>) {
    while tokens.next_if_eq(&Token::Separator).is_some() {
        match tokens.peek() {
            Some(Token::Word(word)) => path.push(word.clone()),
            Some(Token::Mark('*')) => path.push("*".to_owned()),
            Some(Token::Mark('{')) => {
                tokens.next();
                return finish_group(&path, tokens, whole);
            }
            _ => break,
        }
        tokens.next();
    }
    whole.push(path);
}

/// Reads a group of `use` up to its brace: paths that all begin with `start`.
fn finish_group(start: &[String], tokens: &mut Peekable<IntoIter<Token>>, whole: &mut Vec<Vec<String>>) {
    while let Some(token) = tokens.next() {
        match token {
            Token::Mark('}') => return,
            Token::Mark('*') => whole.push([start, &["*".to_owned()]].concat()),
            Token::Word(word) if word == "as" => drop(tokens.next()),
            Token::Word(word) if word == "self" => whole.push(start.to_vec()),
            Token::Word(word) => finish_path([start, &[word]].concat(), tokens, whole),
            Token::Mark(_) | Token::Separator => {}
        }
    }
}

fn from_root(module: &[String], path: Vec<String>) -> Path {
    let ups = path.iter().take_while(|segment| *segment == "super").count();
    match path[0].as_str() {
        "crate" => Path::Inside(path[1..].to_vec()),
        "self" if path.len() > 1 => Path::Inside([module, &path[1..]].concat()),
        "super" => Path::Inside([&module[..module.len().saturating_sub(ups)], &path[ups..]].concat()),
        _ => Path::Outside(path),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Separator,
    Mark(char),
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let starts = |index: usize, text: &str| text.chars().enumerate().all(|(i, c)| at(index + i) == c);
    let find = |from: usize, text: &str| (from..chars.len()).find(|&i| starts(i, text)).unwrap_or(chars.len());
    let mut tokens = Vec::new();
    let mut index = 0;
    while index < chars.len() {
        let c = chars[index];
        if starts(index, "//") {
            index = find(index, "\n");
        } else if starts(index, "/*") {
            index = find(index, "*/") + 2;
        } else if c == '"' {
            index = end_of_text(&chars, index, '"');
        } else if c == '\'' && (at(index + 1) == '\\' || at(index + 2) == '\'') {
            index = end_of_text(&chars, index, '\'');
        } else if starts(index, "::") {
            tokens.push(Token::Separator);
            index += 2;
        } else if c.is_alphanumeric() || c == '_' {
            let end = (index..chars.len()).find(|&i| !(chars[i].is_alphanumeric() || chars[i] == '_'));
            let word: String = chars[index..end.unwrap_or(chars.len())].iter().collect();
            index += word.chars().count();
            let hashes = (index..chars.len()).take_while(|&i| chars[i] == '#').count();
            if matches!(word.as_str(), "r" | "br" | "cr") && at(index + hashes) == '"' {
                let close = format!("\"{}", "#".repeat(hashes));
                index = find(index + hashes + 1, &close) + close.len();
            } else if !c.is_numeric() {
                tokens.push(Token::Word(word));
            }
        } else {
            if !c.is_whitespace() {
                tokens.push(Token::Mark(c));
            }
            index += 1;
        }
    }
    tokens
}

/// One past the quote that ends the text which starts at `start`.
fn end_of_text(chars: &[char], start: usize, quote: char) -> usize {
    let mut index = start + 1;
    while index < chars.len() && chars[index] != quote {
        index += if chars[index] == '\\' { 2 } else { 1 };
    }
    index + 1
}

#[test]
fn paths_are_whole_and_told_from_the_root() {
    let module = ["align".to_owned(), "banded".to_owned()];
    let source = r##"
        //! crate::comment
        use crate::{band::{self, Band}, bead as b, both::*};
        use super::{nodes::Nodes, super::write};
        /* crate::comment::too */
        fn of<'a>(text: &'a str) -> char { "crate::text \" "; r#"a "crate::raw" b"#; '"'; '\''; std::fs::read(text).clap; 'x' }
        mod tests { use super::*; use super::super::dense; }
        use super::Last;
    "##;
    let found = paths(&module, source);
    let inside: Vec<String> = found
        .iter()
        .filter_map(|path| if let Path::Inside(path) = path { Some(path.join("::")) } else { None })
        .collect();
    let expected = [
        "band",
        "band::Band",
        "bead",
        "both::*",
        "align::nodes::Nodes",
        "write",
        "align::banded::*",
        "align::dense",
        "align::Last",
    ];
    assert_eq!(inside, expected);
    let outside: Vec<String> = found
        .iter()
        .filter_map(|path| if let Path::Outside(path) = path { Some(path.join("::")) } else { None })
        .collect();
    assert!(outside.contains(&"std::fs::read".to_owned()) && !outside.contains(&"clap".to_owned()), "{outside:?}");
}
