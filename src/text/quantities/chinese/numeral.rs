//! The values of numerals in Chinese characters.

use super::{digit, unit};

/// Whether a numeral is of two digits that are no neighbours, as `七六年` is a year and `七八年` are seven or eight.
pub(super) fn is_two_digits(numeral: &[char]) -> bool {
    let &[first, second] = numeral else { return false };
    let digits = digit(first).zip(digit(second)).filter(|_| first != '两' && second != '两');
    digits.is_some_and(|(first, second)| first > 0 && second != first + 1 && second != first)
}

/// The values of a Chinese numeral; none where it is vague (`七八`), no number, or of a unit alone (`万`).
pub(super) fn numeral_values(numeral: &[char]) -> Vec<f64> {
    let &[first, .., last] = numeral else {
        let value = numeral.first().and_then(|&c| digit(c).map(f64::from).or((c == '十').then_some(10.0)));
        return value.filter(|&value| value > 1.0).into_iter().collect();
    };
    if numeral.iter().all(|&c| unit(c).is_none()) {
        // A year or a telephone number; two or three of them are `七八个` or `一一`, or a year that is two digits.
        let value = numeral.iter().filter_map(|&c| digit(c)).fold(0.0, |value, digit| 10.0 * value + f64::from(digit));
        return if numeral.len() > 3 || is_two_digits(numeral) { vec![value] } else { Vec::new() };
    }
    if unit(first).is_some_and(|unit| unit > 10.0) {
        return Vec::new();
    }
    let adjacent = numeral.windows(2).any(|pair| {
        let is_digit = |c: char| digit(c).is_some_and(|digit| digit > 0);
        is_digit(pair[0]) && is_digit(pair[1])
    });
    if adjacent {
        return Vec::new();
    }
    let (mut total, mut section, mut pending) = (0.0, 0.0, 0.0);
    let mut scale = 1.0;
    for &c in numeral {
        match (digit(c), unit(c)) {
            (Some(digit), _) => pending = f64::from(digit),
            (_, Some(unit)) if unit < 1e4 => {
                section += if pending == 0.0 { 1.0 } else { pending } * unit;
                pending = 0.0;
                scale = unit;
            }
            (_, Some(unit)) => {
                let counted: f64 = section + pending;
                total = if unit < 1e8 { total + counted.max(1.0) * unit } else { (total + counted).max(1.0) * unit };
                (section, pending) = (0.0, 0.0);
                scale = unit;
            }
            _ => {}
        }
    }
    let value = total + section + pending;
    // `三万五` is 35,000.
    let zero = numeral.iter().any(|&c| digit(c) == Some(0));
    let short = scale > 10.0 && digit(last).is_some_and(|digit| digit > 0) && !zero;
    vec![if short { value - pending + pending * scale / 10.0 } else { value }]
}
