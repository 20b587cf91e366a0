//! The text of a segment in which codes of another format stood: formatting, placeholders, line breaks.
//!
//! The codes go, and what stood around them neither grows together nor stands apart by two spaces.

use crate::text::is_han;

/// A code in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Code {
    /// The beginning or the end of a format, which may stand inside a word.
    Format,
    /// Something by itself: a picture, a line break, a value that is put in.
    Placeholder,
}

/// The code that an element is, in TMX and XLIFF alike; none where what it marks is text.
pub(super) fn code(element: &str) -> Option<Code> {
    match element {
        "bpt" | "ept" | "it" | "bx" | "ex" | "sc" | "ec" | "sm" | "em" => Some(Code::Format),
        "ph" | "x" | "ut" | "sub" | "br" => Some(Code::Placeholder),
        _ => None,
    }
}

/// A text that grows.
#[derive(Debug, Default)]
pub(super) struct Segment {
    text: String,
    /// The code that stands at its end.
    code: Option<Code>,
}

impl Segment {
    /// Takes note of a code.
    pub(super) fn code(&mut self, code: Code) {
        self.code = self.code.max(Some(code));
    }

    /// Adds text.
    pub(super) fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let Some(code) = self.code.take() else {
            self.text.push_str(text);
            return;
        };
        let (before, after) = (self.text.trim_end(), text.trim_start());
        let is_apart = (before.len() < self.text.len(), after.len() < text.len());
        let (Some(last), Some(first)) = (before.chars().next_back(), after.chars().next()) else {
            // Nothing but white space on a side: the code is at an end, or another one follows.
            if is_apart != (true, true) {
                self.text.push_str(text);
            }
            self.code = after.is_empty().then_some(code);
            return;
        };
        let joint = joint(code, last, first, is_apart);
        if let Some(joint) = joint {
            self.text.truncate(before.len());
            self.text.push_str(joint);
            self.text.push_str(after);
        } else {
            self.text.push_str(text);
        }
    }

    /// What it holds, which goes.
    pub(super) fn take(&mut self) -> String {
        self.code = None;
        std::mem::take(&mut self.text)
    }
}

/// What stands between two characters in place of a code and the white space around it; none where that stays. `is_apart`
/// says whether there was white space before and after the code.
fn joint(code: Code, last: char, first: char, is_apart: (bool, bool)) -> Option<&'static str> {
    let is_wide = |c: char| is_han(c) || "，。、；：？！（）《》「」『』“”".contains(c);
    let is_placeholder = code == Code::Placeholder;
    match is_apart {
        // Chinese has the spaces for what stood between them.
        (true, true) if is_placeholder && is_wide(last) && is_wide(first) => Some(""),
        (true, _) if is_placeholder && ".,;:!?)]，。、；：？！）".contains(first) => Some(""),
        (true, true) => Some(" "),
        (false, false)
            if is_placeholder && ends_word(last) && first.is_alphanumeric() && !is_han(last) && !is_han(first) =>
        {
            Some(" ")
        }
        _ => None,
    }
}

fn ends_word(c: char) -> bool {
    c.is_alphanumeric() || ".,;:!?)".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `#` stands for a placeholder, `*` for a format.
    fn without(text: &str) -> String {
        let mut segment = Segment::default();
        for piece in text.split_inclusive(['#', '*']) {
            segment.push(piece.trim_end_matches(['#', '*']));
            match piece.chars().next_back() {
                Some('#') => segment.code(Code::Placeholder),
                Some('*') => segment.code(Code::Format),
                _ => {}
            }
        }
        segment.take()
    }

    #[test]
    fn codes_go_without_gluing_words_and_without_double_spaces() {
        for (text, expected) in [
            ("Press # to stop", "Press to stop"),
            ("按 # 停止水泵", "按停止水泵"),
            ("Line one#Line two.#And three", "Line one Line two. And three"),
            ("Close the *main valve* before", "Close the main valve before"),
            ("Close * the valve", "Close the valve"),
            ("un*believ*able", "unbelievable"),
            ("Press #.", "Press."),
            ("请按#停止", "请按停止"),
            ("第一章 #开始", "第一章 开始"),
            ("打开 #Word", "打开 Word"),
            ("a # # b", "a b"),
            ("a *#* b", "a b"),
            ("#Start", "Start"),
            ("first. #", "first. "),
            ("two  spaces", "two  spaces"),
            ("$# 5", "$ 5"),
            ("", ""),
        ] {
            assert_eq!(without(text), expected, "{text}");
        }
    }
}
