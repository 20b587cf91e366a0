//! The two languages. Chinese is always the source (the side that is translated), English the target.

use std::fmt;

/// A language that mtalign reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Chinese, in simplified or traditional script.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The separator of two sentences of this language when they are joined into one text.
    pub fn joiner(self) -> &'static str {
        match self {
            Self::Zh => "",
            Self::En => " ",
        }
    }

    /// The language's name in English, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "Chinese",
            Self::En => "English",
        }
    }
}

/// The code used in column names and file names: `zh`, `en`.
impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zh => "zh",
            Self::En => "en",
        })
    }
}
