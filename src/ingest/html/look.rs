//! An element of a page → how a browser would show it, as far as reading its text depends on that.

use html5ever::{Attribute, QualName};

/// How an element is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// In the line: `<b>`, `<a>`, and whatever is not known.
    Inline,
    /// As a block of its own: `<p>`, `<li>`, `<td>`.
    Block,
    /// As a heading.
    Heading,
    /// As a table, and as a row of one.
    Table,
    Row,
    /// As a cell of so many columns and rows.
    Cell(usize, usize),
    /// As a block in which white space and line ends stay as they are.
    Preformatted,
    /// As the end of a line.
    LineBreak,
    /// Not at all, or not as running text.
    Invisible,
}

/// Elements that a browser shows as blocks (HTML Standard, 15.3), or that part texts as blocks do.
const BLOCKS: &str = " html body address article aside blockquote button caption center dd details dialog dir div dl dt \
fieldset figcaption figure footer form header hgroup hr label legend li main menu nav ol option optgroup p search section \
summary tbody tfoot thead ul ";

/// Elements without text for readers of the page: programs, styles, what stands in for something that cannot be shown,
/// choices of a form, and readings printed above the characters.
const INVISIBLE: &str = " head title script style template noscript noframes noembed iframe object embed audio video \
canvas svg select datalist textarea rt rp rtc ";

impl Look {
    /// How an element of this name and these attributes is shown.
    pub(super) fn of(name: &QualName, attributes: &[Attribute]) -> Self {
        let name: &str = &name.local;
        if lists(INVISIBLE, name) || attributes.iter().any(hides) {
            return Self::Invisible;
        }
        match name {
            "br" => Self::LineBreak,
            "pre" | "listing" | "xmp" | "plaintext" => Self::Preformatted,
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell(number(attributes, "colspan"), number(attributes, "rowspan")),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            _ if lists(BLOCKS, name) => Self::Block,
            _ => Self::Inline,
        }
    }
}

/// The number that an attribute says; 1 where it says none.
fn number(attributes: &[Attribute], name: &str) -> usize {
    let said = attributes.iter().find(|attribute| &*attribute.name.local == name);
    said.and_then(|attribute| attribute.value.trim().parse().ok()).unwrap_or(1)
}

/// Whether an attribute hides its element.
fn hides(attribute: &Attribute) -> bool {
    match &*attribute.name.local {
        "hidden" => true,
        "style" => {
            let style: String = attribute.value.chars().filter(|c| !c.is_whitespace()).collect();
            let style = style.to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        }
        _ => false,
    }
}

fn lists(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == name)
}
