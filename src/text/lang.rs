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
    /// The language that a code stands for, of whichever standard and with whatever script and country: `zh`, `zho`,
    /// `chi`, `cmn`, `zh-Hans-CN`, `zh_TW`; `en`, `eng`, `EN_us`, `eng_Latn`. Chinese in Latin letters is pinyin, and no
    /// text of the language.
    pub fn of_code(code: &str) -> Option<Self> {
        let mut tags = code.trim().split(['-', '_', '.', '@']).map(str::to_ascii_lowercase);
        match tags.next()?.as_str() {
            "zh" | "zho" | "chi" | "cmn" | "chs" | "cht" => (!tags.any(|tag| tag == "latn")).then_some(Self::Zh),
            "en" | "eng" => Some(Self::En),
            _ => None,
        }
    }

    /// The language that a name or a code stands for, as people head columns: `Chinese (Simplified)`, `简体中文`,
    /// `English`, `en-US`.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        let first = name.split([' ', '(', '（', '/', '-', '_']).next()?;
        match first {
            "chinese" | "中文" | "汉语" | "漢語" | "华语" | "華語" | "简体中文" | "簡體中文" | "繁体中文"
            | "繁體中文" | "简体" | "簡體" | "繁体" | "繁體" | "mandarin" => Some(Self::Zh),
            "english" | "英文" | "英语" | "英語" => Some(Self::En),
            _ => Self::of_code(&name),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_any_standard_is_a_language() {
        for code in [
            "zh",
            "ZH",
            "zh-CN",
            "zh_CN",
            "zh-Hans-CN",
            "zh_Hans",
            "cmn",
            "zho",
            "chi",
            "zho_Hant",
            "cmn-Hans",
            "zh_CN.UTF-8",
        ] {
            assert_eq!(Lang::of_code(code), Some(Lang::Zh), "{code}");
        }
        for code in ["en", "EN_US", "en-GB", "eng", "eng_Latn", " en "] {
            assert_eq!(Lang::of_code(code), Some(Lang::En), "{code}");
        }
        for code in ["", "de", "zha", "enm", "zh-Latn-pinyin", "english", "-zh", "ja_JP"] {
            assert_eq!(Lang::of_code(code), None, "{code}");
        }
    }

    #[test]
    fn a_name_is_a_language_in_either_language() {
        for (name, expected) in [
            ("Chinese (Simplified)", Some(Lang::Zh)),
            ("简体中文", Some(Lang::Zh)),
            ("ENGLISH", Some(Lang::En)),
            ("英文（美国）", Some(Lang::En)),
            ("zh_TW", Some(Lang::Zh)),
            ("Chinese", Some(Lang::Zh)),
            ("German", None),
            ("source", None),
        ] {
            assert_eq!(Lang::of_name(name), expected, "{name}");
        }
    }
}
