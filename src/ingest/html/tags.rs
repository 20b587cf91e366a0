//! A page, piece by piece, into the parser: its tags with the attributes that matter, and none with too many.
//!
//! The tokenizer compares each attribute of a tag with all before it, and keeps them until the tag ends; the builder of the
//! tree compares and copies whole tags. So the attributes of a tag are counted before the tokenizer gets them, and the
//! builder gets only those that it or a [`Look`](super::look::Look) asks about.

use std::cell::Cell;

use html5ever::{
    interface::TokenizerResult,
    tendril::StrTendril,
    tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts},
    tree_builder::{TreeBuilder, TreeBuilderOpts},
};

use super::tree::{Handle, Tree};

/// The most attributes of a tag. Tags that people write have a few, those that programs write some dozens; more than a
/// piece can hold, so that only those of one tag are counted.
pub(super) const MOST_ATTRIBUTES: usize = 1_000;

/// The most bytes of a piece.
const LONGEST_PIECE: usize = 1_024;

/// Attributes that decide how an element is shown, or what the builder of the tree makes of it.
const ASKED_ABOUT: [&str; 9] = ["hidden", "style", "colspan", "rowspan", "type", "encoding", "color", "face", "size"];

/// A parser under way.
pub(super) struct Parser {
    tokenizer: Tokenizer<Tokens>,
    input: BufferQueue,
    tag: OpenTag,
}

/// A tag has more than [`MOST_ATTRIBUTES`].
#[derive(Debug)]
pub(super) struct TooManyAttributes;

impl Parser {
    /// A parser that has read nothing.
    pub(super) fn new() -> Self {
        let builder = TreeBuilder::new(Tree::default(), TreeBuilderOpts::default());
        let tokens = Tokens { builder, count: Cell::new(0) };
        let tokenizer = Tokenizer::new(tokens, TokenizerOpts::default());
        Self { tokenizer, input: BufferQueue::default(), tag: OpenTag::default() }
    }

    /// The page as far as it was read.
    pub(super) fn tree(&self) -> &Tree {
        &self.tokenizer.sink.builder.sink
    }

    /// Reads the first piece of `text`, and returns the rest. Fails where a tag has too many attributes.
    pub(super) fn read<'t>(&mut self, text: &'t str) -> Result<&'t str, TooManyAttributes> {
        let (piece, rest) = text.split_at(end_of_piece(text));
        self.tag.read(piece);
        if self.tag.attributes > MOST_ATTRIBUTES {
            return Err(TooManyAttributes);
        }
        let before = self.tokenizer.sink.count.get();
        self.input.push_back(StrTendril::from(piece));
        while let TokenizerResult::Script(_) = self.tokenizer.feed(&self.input) {}
        // What was begun by the `<` of an earlier piece, or of this one, is whole or was no tag.
        if self.tokenizer.sink.count.get() > before {
            self.tag = OpenTag::default();
        }
        Ok(rest)
    }

    /// The page, when all of it was read.
    pub(super) fn finish(self) -> Tree {
        while let TokenizerResult::Script(_) = self.tokenizer.feed(&self.input) {}
        self.tokenizer.end();
        self.tokenizer.sink.builder.sink
    }
}

/// The end of the first piece of `text`: a `<`, with which a tag may begin, begins a piece.
fn end_of_piece(text: &str) -> usize {
    let is_end = |&at: &usize| text.is_char_boundary(at);
    let longest = (1..=LONGEST_PIECE.min(text.len())).rev().find(is_end).unwrap_or(text.len());
    text[..longest].bytes().skip(1).position(|byte| byte == b'<').map_or(longest, |at| at + 1)
}

/// What the tokenizer finds, on its way to the builder of the tree.
struct Tokens {
    builder: TreeBuilder<Handle, Tree>,
    /// How many there were.
    count: Cell<usize>,
}

impl TokenSink for Tokens {
    type Handle = Handle;

    fn process_token(&self, mut token: Token, line: u64) -> TokenSinkResult<Handle> {
        if !matches!(token, Token::ParseError(_)) {
            self.count.set(self.count.get() + 1);
        }
        if let Token::TagToken(tag) = &mut token {
            tag.attrs.retain(|attribute| ASKED_ABOUT.contains(&&*attribute.name.local));
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// A tag that may be open where the tokenizer stands, and how many attributes it has so far (HTML Standard, 13.2.5.6 to
/// 13.2.5.40).
#[derive(Debug, Default)]
struct OpenTag {
    place: Place,
    attributes: usize,
}

/// A place in a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// In no tag.
    #[default]
    Outside,
    /// Behind `<`, and behind `</`.
    Opening,
    Closing,
    /// In its name.
    Name,
    /// Where an attribute may begin, in its name, and behind that.
    Between,
    Attribute,
    AfterAttribute,
    /// Where a value may begin, in one, and behind one in quotes.
    BeforeValue,
    Quoted(char),
    Unquoted,
    AfterValue,
    /// In a comment or the like, which ends with a token of its own.
    NoTag,
}

impl OpenTag {
    fn read(&mut self, piece: &str) {
        if self.place == Place::Outside {
            if !piece.starts_with('<') {
                return;
            }
            *self = Self::default();
        }
        for c in piece.chars() {
            self.place = self.next(c);
            if matches!(self.place, Place::Outside | Place::NoTag) {
                return;
            }
        }
    }

    fn next(&mut self, c: char) -> Place {
        let is_space = matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ');
        match (self.place, c) {
            (Place::Outside, _) => Place::Opening,
            (Place::Opening, '/') => Place::Closing,
            (Place::Opening | Place::Closing, _) => {
                if c.is_ascii_alphabetic() {
                    Place::Name
                } else {
                    Place::NoTag
                }
            }
            (Place::NoTag, _) => Place::NoTag,
            (Place::Quoted(quote), _) => {
                if c == quote {
                    Place::AfterValue
                } else {
                    self.place
                }
            }
            (_, '>') => Place::Outside,
            (Place::BeforeValue, '"' | '\'') => Place::Quoted(c),
            (Place::BeforeValue, _) => {
                if is_space {
                    Place::BeforeValue
                } else {
                    Place::Unquoted
                }
            }
            (Place::Unquoted, _) => {
                if is_space {
                    Place::Between
                } else {
                    Place::Unquoted
                }
            }
            (Place::Attribute | Place::AfterAttribute, '=') => Place::BeforeValue,
            (_, '/') => Place::Between,
            (Place::Attribute | Place::AfterAttribute, _) if is_space => Place::AfterAttribute,
            (_, _) if is_space => Place::Between,
            (Place::Name | Place::Attribute, _) => self.place,
            (Place::Between | Place::AfterAttribute | Place::AfterValue, _) => {
                self.attributes += 1;
                Place::Attribute
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most attributes that were counted of one tag while a page was read.
    fn counted(page: &str) -> usize {
        let (mut parser, mut rest, mut most) = (Parser::new(), page, 0);
        while !rest.is_empty() {
            let piece = &rest[..end_of_piece(rest)];
            let mut tag = OpenTag { ..parser.tag };
            tag.read(piece);
            most = most.max(tag.attributes);
            rest = parser.read(rest).unwrap();
        }
        most
    }

    #[test]
    fn attributes_are_counted_as_the_tokenizer_sees_them() {
        for (page, expected) in [
            ("<p>文</p>", 0),
            ("<p a b=1 c = '2 3' d=\"4 > 5\"e f/g/>文 a b c", 7),
            ("<p\na\nb = \n c>", 2),
            ("</p a b>", 2),
            ("<!-- <p a b c> d e --><p a>", 1),
            ("<!doctype a b c><p a>", 1),
            ("<?xml a b c?><p a>", 1),
            ("<p =a =b =>", 2),
            ("<p a=<b c d>", 3),
            ("1 < 2 a b c", 0),
        ] {
            assert_eq!(counted(page), expected, "{page}");
        }
    }

    #[test]
    fn what_is_no_tag_has_no_attributes_however_long() {
        let words = "a ".repeat(MOST_ATTRIBUTES);
        for page in [
            format!("<script>if (a <b {words} {words})</script>"),
            format!("<!-- <b {words} {words} -->"),
            format!("<p title=\"{words} {words}\">"),
            format!("<title><b {words} {words}"),
            format!("文 {words} {words}"),
            format!("<svg><![CDATA[ <b {words} {words} ]]></svg>"),
        ] {
            assert!(counted(&page) <= MOST_ATTRIBUTES / 2 + 100, "{}", &page[..30]);
        }
    }

    #[test]
    fn a_tag_of_too_many_attributes_is_refused_before_it_ends() {
        for opening in ["<p", "</p", "<script></script", "<p>文<!-- --><b", "<textarea></textarea"] {
            let attributes = (0..=MOST_ATTRIBUTES).map(|number| format!(" a{number}")).collect::<Vec<_>>().concat();
            let page = format!("{opening}{attributes}");
            let (mut parser, mut rest) = (Parser::new(), &*page);
            let refused = loop {
                match parser.read(rest) {
                    Ok("") => break false,
                    Ok(after) => rest = after,
                    Err(TooManyAttributes) => break true,
                }
            };
            assert!(refused, "{opening}");
        }
    }

    #[test]
    fn the_builder_gets_only_what_is_asked_about() {
        let style = "<p data-x=1 style='display:none' class=y>SECRET</p>";
        let mut parser = Parser::new();
        assert_eq!(parser.read(style).map_err(|_| ()), Ok("</p>"));
        assert_eq!(parser.tree().value_bytes(), "display:none".len());
    }
}
