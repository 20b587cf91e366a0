//! Words of English numbers, and of what is counted.

pub(super) const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

pub(super) const LONG_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

pub(super) const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

pub(super) const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

pub(super) const ORDINALS: [&str; 13] = [
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
];

/// Ordinals that no cardinal makes with its ending.
pub(super) const ROUND_ORDINALS: [(&str, f64); 3] = [("hundredth", 100.0), ("thousandth", 1e3), ("millionth", 1e6)];

/// Words that say a number without being one.
pub(super) const SAYING: [(&str, &[f64]); 32] = [
    ("half", &[0.5, 50.0]),
    ("halved", &[0.5, 50.0, 2.0]),
    ("quarter", &[0.25, 25.0, 4.0, 15.0]),
    ("quarters", &[0.75, 75.0]),
    ("both", &[2.0]),
    ("pair", &[2.0]),
    ("couple", &[2.0]),
    ("twin", &[2.0]),
    ("twins", &[2.0]),
    ("twice", &[2.0]),
    ("double", &[2.0, 1.0]),
    ("doubled", &[2.0, 1.0]),
    ("doubling", &[2.0, 1.0]),
    ("bilateral", &[2.0]),
    ("thrice", &[3.0]),
    ("triple", &[3.0, 2.0]),
    ("tripled", &[3.0, 2.0]),
    ("tripling", &[3.0, 2.0]),
    ("trio", &[3.0]),
    ("quadruple", &[4.0, 3.0]),
    ("quadrupled", &[4.0, 3.0]),
    ("dozen", &[12.0]),
    ("decade", &[10.0]),
    ("decades", &[10.0]),
    // `Last century` is that of which the Chinese has the number.
    ("century", &[100.0, 19.0, 20.0, 21.0]),
    ("fortnight", &[2.0, 14.0, 15.0]),
    ("noon", &[12.0]),
    ("centenary", &[100.0]),
    ("centennial", &[100.0]),
    ("bicentenary", &[200.0]),
    ("bicentennial", &[200.0]),
    ("millennium", &[1000.0]),
];

/// Units of measurement that Chinese readers have converted for them.
pub(super) const IMPERIAL: [&str; 20] = [
    "mile",
    "miles",
    "mph",
    "foot",
    "feet",
    "ft",
    "inch",
    "inches",
    "yard",
    "yards",
    "pound",
    "pounds",
    "lb",
    "lbs",
    "ounce",
    "ounces",
    "acre",
    "acres",
    "fahrenheit",
    "gallons",
];

/// What may stand right behind digits: units, ordinals.
pub(super) const ENDINGS: [&str; 34] = [
    "st", "nd", "rd", "th", "s", "k", "m", "mn", "bn", "tn", "km", "cm", "mm", "kg", "g", "mg", "t", "l", "ml", "h",
    "hr", "hrs", "min", "sec", "am", "pm", "a", "p", "gb", "mb", "kb", "tb", "mw", "kw",
];
