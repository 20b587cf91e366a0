//! What the cells of a workbook look like: by what a row is, and by how sure its pair is.
//!
//! Colours are those of the cells themselves. Rules of the sheet (a colour scale) would paint over them, for the
//! confidence that a sentence has no counterpart as well, and not every program knows all of them.

use rust_xlsxwriter::{Color, Format, FormatAlign};

use crate::write::{Column, Origin, Pair};

/// The colour of a row without a counterpart: pale orange.
const UNALIGNED: Color = Color::RGB(0x00FC_E4D6);

/// The colour of a row with a draft: pale blue.
const DRAFT: Color = Color::RGB(0x00DD_EBF7);

/// The colours of the confidence of a pair below a probability, from the lowest on; above them it has none.
const SHADES: [(f64, Color); 3] =
    [(0.5, Color::RGB(0x00FF_D966)), (0.75, Color::RGB(0x00FF_E699)), (0.9, Color::RGB(0x00FF_F2CC))];

/// A number with the decimals that other tables show.
const NUMBER: &str = "0.00##";

/// Excel's word for text: what is typed into such a cell is neither a formula nor a number.
const TEXT: &str = "@";

/// The width of a column, in digits of the usual font.
pub(super) fn width(column: Column) -> f64 {
    match column {
        // Some thirty Chinese characters; together they fill most of a screen.
        Column::Zh => 60.0,
        Column::En | Column::Mt => 80.0,
        Column::Doc => 24.0,
        _ => 13.0,
    }
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// A pair; how many of the shades it is too sure for.
    Pair(usize),
    /// A sentence without a counterpart.
    Unaligned,
    /// A sentence with the model's draft.
    Draft,
}

impl Row {
    pub(super) fn of(pair: &Pair<'_>) -> Self {
        if pair.origin == Origin::Mt {
            Self::Draft
        } else if pair.texts.source.is_empty() || pair.texts.target.is_empty() {
            Self::Unaligned
        } else {
            Self::Pair(SHADES.iter().take_while(|(below, _)| pair.confidence >= *below).count())
        }
    }
}

/// The formats of a row's cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'l> {
    pub(super) text: &'l Format,
    pub(super) number: &'l Format,
}

/// All formats of a workbook.
pub(super) struct Looks {
    pub(super) header: Format,
    pair: Format,
    /// One for each shade, and one without.
    confidences: Vec<Format>,
    unaligned: [Format; 2],
    draft: [Format; 2],
}

impl Default for Looks {
    fn default() -> Self {
        let top = Format::new().set_align(FormatAlign::Top);
        let (text, number) = (top.clone().set_text_wrap().set_num_format(TEXT), top.set_num_format(NUMBER));
        let shaded = SHADES.iter().map(|&(_, shade)| number.clone().set_background_color(shade));
        Self {
            header: Format::new().set_bold().set_num_format(TEXT),
            confidences: shaded.chain([number.clone()]).collect(),
            unaligned: [&text, &number].map(|format| format.clone().set_background_color(UNALIGNED)),
            draft: [text.clone().set_italic(), number].map(|format| format.set_background_color(DRAFT)),
            pair: text,
        }
    }
}

impl Looks {
    pub(super) fn of(&self, row: Row) -> Look<'_> {
        let [text, number] = match row {
            Row::Pair(shade) => {
                return Look { text: &self.pair, number: self.confidences.get(shade).unwrap_or(&self.pair) };
            }
            Row::Unaligned => &self.unaligned,
            Row::Draft => &self.draft,
        };
        Look { text, number }
    }
}
