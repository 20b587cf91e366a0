//! Numbers of a translation that have the right digits and another size: `1.25 billion` for `1.25亿`.

use std::ops::Range;

use super::{Quantity, chinese, english, missing};

/// The largest power of ten by which a number may be wrong and still be the same one.
const MOST_PLACES: f64 = 9.0;

/// The English of a pair with the size of its numbers put right: each that the Chinese does not state, where the Chinese
/// states one that the English lacks with the same digits, another power of ten, and there is but one such on each side.
/// `None` where there is none.
pub fn rescaled(chinese: &str, english: &str) -> Option<String> {
    let lacking = missing(chinese, english);
    if lacking.is_empty() {
        return None;
    }
    let asked = chinese::read(&chinese::text_of(chinese), true);
    let mut text: Vec<char> = english.chars().collect();
    let is_said = |value: &f64| asked.iter().any(|asked| asked.is_among(&[*value]));
    let mut stated = english::read(english).stated;
    stated.retain(|stated| !stated.values.iter().any(is_said) && !is_part(&text, &stated.place));
    let only = |wanted: &Quantity| {
        let mut alike = stated.iter().filter(|stated| is_other_size(wanted, stated));
        let one = alike.next().filter(|_| alike.next().is_none())?;
        (lacking.iter().filter(|other| is_other_size(other, one)).count() == 1).then_some(one)
    };
    let mut numbers: Vec<_> =
        lacking.iter().filter_map(|wanted| Some((only(wanted)?.place.clone(), *wanted.values.first()?))).collect();
    numbers.sort_by_key(|(place, _)| place.start);
    for (place, value) in numbers.into_iter().rev() {
        text.splice(place, in_english(value).chars());
    }
    let text: String = text.into_iter().collect();
    (missing(chinese, &text).len() < lacking.len()).then_some(text)
}

/// Whether the number at a place is part of something longer: `3-90`, `3.9.2018`, `12:30`.
fn is_part(text: &[char], place: &Range<usize>) -> bool {
    let joins = |at: usize| text.get(at).is_some_and(|&c| ".,:/-–’'".contains(c));
    let is_digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    place.start.checked_sub(1).is_some_and(joins) || (joins(place.end) && is_digit(place.end + 1))
}

/// Whether a number of the English has the digits of a quantity and another size.
fn is_other_size(wanted: &Quantity, stated: &Quantity) -> bool {
    let (Some(wanted), Some(&value)) = (wanted.values.first(), stated.values.first()) else { return false };
    let places = (wanted / value).log10();
    let is_power = (places - places.round()).abs() < 1e-9 && (1.0..=MOST_PLACES).contains(&places.round().abs());
    is_power && value > 0.0
}

/// A number as English writes it: `380,000`, `1.25 million`, `2000` where it may be a year.
fn in_english(value: f64) -> String {
    for (scale, name) in [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")] {
        let count = value / scale;
        if count >= 1.0 && ((count * 1e3).round() - count * 1e3).abs() < 1e-6 {
            return format!("{} {name}", decimal(count));
        }
    }
    if value.fract() != 0.0 || value < 1e4 {
        return decimal(value);
    }
    let digits = decimal(value);
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// A number in digits, without the noise that is behind its ninth decimal.
fn decimal(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_the_right_digits_gets_its_size() {
        for (chinese, english, expected) in [
            ("售价1.25亿英镑。", "It was sold for £1.25 billion.", "It was sold for £125 million."),
            ("人口超过38万，", "a population of more than 3.8 million,", "a population of more than 380,000,"),
            ("2000亿美元", "2000 million US dollars", "200 billion US dollars"),
            ("观众为569万", "56.9 million viewers", "5.69 million viewers"),
            ("约三成受访者", "about 3 percent of those asked", "about 30 percent of those asked"),
            ("耗资一千二百万元", "It cost 120 million yuan.", "It cost 12 million yuan."),
            ("来了5000人", "50,000 people came", "5000 people came"),
            ("卖了123456件", "1.23456 million were sold", "123,456 were sold"),
            ("310万和252万", "31 million and 25.2 million", "3.1 million and 2.52 million"),
            ("20多万人", "more than 2 million people", "more than 200,000 people"),
            (
                "涨到19亿元，其中3亿元",
                "up to 1.9 billion yuan, 3 billion of it",
                "up to 1.9 billion yuan, 300 million of it",
            ),
            ("近四成是三个国家的", "some 4 percent are of 3 states", "some 40 percent are of 3 states"),
            ("两千万人", "Two million people", "20 million people"),
        ] {
            assert_eq!(rescaled(chinese, english).as_deref(), Some(expected), "{chinese} | {english}");
        }
    }

    #[test]
    fn what_is_right_unclear_or_another_number_is_left() {
        for (chinese, english) in [
            ("售价1.25亿英镑。", "It was sold for £125 million."),
            ("售价1.25亿英镑。", "It was sold for £1.3 billion."),
            ("3亿和30万", "3 billion and 30 billion"),
            ("3亿人", "3 billion people, 30 million of them old"),
            ("3亿和30万", "3 thousand"),
            ("比分是3比0，390人", "3-90 people"),
            ("39万人", "at 3.9.2018"),
            ("三个国家的三十人", "people of 3 states"),
            ("走了三十里", "They walked on."),
            ("", "3 billion"),
            ("3亿", ""),
        ] {
            assert_eq!(rescaled(chinese, english), None, "{chinese} | {english}");
        }
    }

    #[test]
    fn numbers_are_written_as_english_has_them() {
        for (value, expected) in [
            (2e11, "200 billion"),
            (1.25e8, "125 million"),
            (5.69e6, "5.69 million"),
            (1_234_567.0, "1,234,567"),
            (380_000.0, "380,000"),
            (1997.0, "1997"),
            (0.3, "0.3"),
            (12.5, "12.5"),
            (3.25e12, "3.25 trillion"),
        ] {
            assert_eq!(in_english(value), expected);
        }
    }
}
