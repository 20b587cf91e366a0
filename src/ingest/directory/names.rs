//! A file's or folder's name → the language that it says the text is in: `001.zh.txt`, `README_zh-CN.md`, `docs/en/`.

use crate::text::Lang;

/// What names say for Chinese, in small letters and with `-` between the parts of a code.
const CHINESE: [&str; 20] = [
    "zh",
    "zho",
    "chi",
    "cn",
    "chs",
    "cht",
    "chinese",
    "zh-cn",
    "zh-sg",
    "zh-tw",
    "zh-hk",
    "zh-mo",
    "zh-hans",
    "zh-hant",
    "zh-hans-cn",
    "zh-hant-tw",
    "zh-hant-hk",
    "中文",
    "中文版",
    "汉语",
];

/// What names say for English.
const ENGLISH: [&str; 10] = ["en", "eng", "english", "en-us", "en-gb", "en-au", "en-ca", "英文", "英文版", "英语"];

/// The language that a whole name stands for: that of a folder, or of a file without its ending.
pub(super) fn language(name: &str) -> Option<Lang> {
    let name = name.to_lowercase().replace('_', "-");
    let says = |marks: &[&str]| marks.contains(&name.as_str());
    if says(&CHINESE) {
        Some(Lang::Zh)
    } else if says(&ENGLISH) {
        Some(Lang::En)
    } else {
        None
    }
}

/// The name of a text and its language, of a file's name without its ending: `001` and Chinese of `001.zh`. A name with
/// two languages, such as `news.zh-en`, is one of both.
pub(super) fn marked(stem: &str) -> Option<(&str, Lang)> {
    if let Some(lang) = language(stem) {
        return Some(("", lang));
    }
    let mut separators = stem.match_indices(['.', '_', '-', ' ']).map(|(at, _)| at);
    // From the left, for a code may have a separator inside: `zh-CN`.
    let found = separators.find_map(|at| Some((&stem[..at], language(&stem[at + 1..])?)));
    found.filter(|(name, _)| !name.is_empty() && marked(name).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_at_the_end_of_a_name_is_a_mark() {
        for (stem, expected) in [
            ("001.zh", Some(("001", Lang::Zh))),
            ("001_EN", Some(("001", Lang::En))),
            ("a-zh-CN", Some(("a", Lang::Zh))),
            ("a.b.zh_Hant_TW", Some(("a.b", Lang::Zh))),
            ("report.zho", Some(("report", Lang::Zh))),
            ("合同_英文版", Some(("合同", Lang::En))),
            ("zh", Some(("", Lang::Zh))),
            ("README", None),
            ("open", None),
            ("news.zh-en", None),
            ("en_zh", None),
            ("a.ja", None),
            ("-en", None),
            ("", None),
        ] {
            assert_eq!(marked(stem), expected, "{stem}");
        }
    }
}
