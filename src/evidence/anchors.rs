//! Anchors: what a translation keeps whatever it does with the words — numbers and Latin names.
//!
//! Chinese and English numbers are brought to one normal form: `1400亿`, `140 billion`, `140,000,000,000` are all
//! `140000000000`; `三百二十` is `320`. A lone Chinese numeral (`一`, `两`) is left out: it is a word more often than
//! a number, and so are the English `one` and its like.

use super::term_vectors::Term;
use crate::text::half_width;

/// The anchors of a Chinese text: its numbers and Latin words, in normal form.
pub fn of_chinese(text: &str) -> Vec<Term> {
    let text: String = text.chars().map(half_width).collect();
    let mut anchors = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() || CHINESE_DIGITS.contains(first) {
            let (anchor, length) = chinese_number(rest);
            anchors.extend(anchor);
            length
        } else if first.is_ascii_alphabetic() {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            anchors.push(rest[..length].to_ascii_lowercase());
            length
        } else {
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    anchors
}

/// The anchors of an English text: its numbers, and its words that could be names written in Latin letters in a
/// Chinese text, in normal form.
pub fn of_english(text: &str) -> Vec<Term> {
    let text: String = text.chars().map(half_width).collect();
    let mut anchors = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let (anchor, length) = english_number(rest);
            anchors.push(anchor);
            length
        } else if first.is_alphabetic() {
            let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let word = &rest[..length];
            // Names and acronyms start with a capital or hold a digit; so does the first word of a sentence, which
            // does no harm: it has no counterpart to match.
            if first.is_uppercase() || word.contains(|c: char| c.is_ascii_digit()) {
                anchors.push(word.to_lowercase());
            }
            length
        } else {
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    anchors
}

const CHINESE_DIGITS: &str = "〇零一二三四五六七八九两十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億兩";

/// Reads a number at the start of `text`: digits, a Chinese numeral, or digits with a Chinese unit. Returns its normal
/// form, unless it is a lone numeral, and how many bytes it took.
fn chinese_number(text: &str) -> (Option<Term>, usize) {
    let (digits, mut length) = leading_digits(text);
    let mut value = digits.parse::<f64>().ok();
    let mut numeral = String::new();
    for c in text[length..].chars().take_while(|&c| CHINESE_DIGITS.contains(c)) {
        numeral.push(c);
        length += c.len_utf8();
    }
    match value.as_mut() {
        Some(value) => {
            for unit in numeral.chars() {
                *value *= unit_value(unit).unwrap_or(1.0);
            }
        }
        None if numeral.chars().count() > 1 => value = Some(numeral_value(&numeral)),
        None => {}
    }
    (value.map(normal_form), length.max(text.chars().next().map_or(0, char::len_utf8)))
}

/// Reads digits with thousands separators and a decimal point, and a following `thousand`, `million`, `billion`,
/// `trillion`.
fn english_number(text: &str) -> (Term, usize) {
    let (digits, length) = leading_digits(text);
    let value: f64 = digits.parse().unwrap_or_default();
    let after = text[length..].trim_start_matches([' ', '-']);
    let skipped = text.len() - length - after.len();
    for (word, factor) in [("thousand", 1e3), ("million", 1e6), ("billion", 1e9), ("trillion", 1e12)] {
        if after.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return (normal_form(value * factor), length + skipped + word.len());
        }
    }
    (normal_form(value), length)
}

/// The digits at the start of `text` without separators, and how many bytes they took with them.
fn leading_digits(text: &str) -> (String, usize) {
    let bytes = text.as_bytes();
    let digit_at = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut digits = String::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => digits.push(char::from(byte)),
            b',' if at > 0 && digit_at(at + 1) => {}
            b'.' if at > 0 && digit_at(at + 1) && !digits.contains('.') => digits.push('.'),
            _ => break,
        }
        at += 1;
    }
    (digits, at)
}

/// Integers without a point, others with at most two decimals, so that `1.40` is `1.4`.
fn normal_form(value: f64) -> Term {
    let rounded = (value * 100.0).round() / 100.0;
    format!("{rounded}")
}

fn unit_value(unit: char) -> Option<f64> {
    Some(match unit {
        '十' | '拾' => 10.0,
        '百' | '佰' => 100.0,
        '千' | '仟' => 1e3,
        '万' | '萬' => 1e4,
        '亿' | '億' => 1e8,
        _ => return None,
    })
}

/// The value of a Chinese numeral of digits and units (`三百二十`, `一九九八`).
fn numeral_value(numeral: &str) -> f64 {
    let digit = |c: char| -> f64 {
        match c {
            '一' | '壹' => 1.0,
            '二' | '两' | '兩' | '贰' => 2.0,
            '三' | '叁' => 3.0,
            '四' | '肆' => 4.0,
            '五' | '伍' => 5.0,
            '六' | '陆' => 6.0,
            '七' | '柒' => 7.0,
            '八' | '捌' => 8.0,
            '九' | '玖' => 9.0,
            _ => 0.0,
        }
    };
    if numeral.chars().all(|c| unit_value(c).is_none()) {
        return numeral.chars().fold(0.0, |value, c| 10.0 * value + digit(c));
    }
    // `section` collects up to the next 万, which multiplies it, or 亿, which multiplies all before it.
    let (mut total, mut section, mut last) = (0.0, 0.0, 0.0);
    for c in numeral.chars() {
        match unit_value(c) {
            None => last = digit(c),
            Some(unit) if unit < 1e4 => {
                section += if last == 0.0 { 1.0 } else { last } * unit;
                last = 0.0;
            }
            Some(unit) => {
                let counted: f64 = section + last;
                total = if unit < 1e8 { total + counted.max(1.0) * unit } else { (total + counted).max(1.0) * unit };
                (section, last) = (0.0, 0.0);
            }
        }
    }
    total + section + last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_both_languages_meet_in_one_form() {
        for (chinese, english, normal) in [
            ("1400亿美元", "140 billion dollars", "140000000000"),
            ("３５％", "35 percent", "35"),
            ("三百二十人", "320 people", "320"),
            ("十二月", "12", "12"),
            ("一九九八年", "in 1998", "1998"),
            ("两万五千里", "25,000 li", "25000"),
            ("1.5亿", "150 million", "150000000"),
            ("3.14", "3.14", "3.14"),
            ("一亿二千万", "120 million", "120000000"),
        ] {
            assert_eq!(of_chinese(chinese), [normal], "{chinese}");
            assert!(of_english(english).contains(&normal.to_owned()), "{english}: {:?}", of_english(english));
        }
    }

    #[test]
    fn a_lone_numeral_is_a_word() {
        assert_eq!(of_chinese("一只猫和两条鱼"), Vec::<Term>::new());
        assert_eq!(of_chinese("一个人"), Vec::<Term>::new());
    }

    #[test]
    fn latin_names_are_anchors_on_both_sides() {
        assert_eq!(of_chinese("他在Google用Python3写程序"), ["google", "python3"]);
        assert_eq!(of_english("she wrote Python3 at Google"), ["python3", "google"]);
    }

    #[test]
    fn odd_numbers_are_read_without_fault() {
        for text in ["1,", "1.", "1..2", "9,99,9.9.9", "亿", "百万千", "999999999999999999999999999999亿亿亿", "5"]
        {
            let _ = (of_chinese(text), of_english(text));
        }
    }
}
