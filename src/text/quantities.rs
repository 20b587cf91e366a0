//! Quantities: the amounts, dates, shares and ordinals that a Chinese text states, and whether an English text has
//! them.
//!
//! Chinese and English are brought to values: `一百二十万`, `120万` and `1.2 million` are all 1,200,000, `四成` is 40
//! percent, `三分之二` two thirds, `80年代` the 1980s. What Chinese says of an amount may be said in more than one
//! way, so each quantity has several values, one of which is enough. Vague numbers (`几十`, `七八个`), a lone `一`
//! and numerals that are no counts (`三国`, `四川`) ask for nothing.

mod chinese;
mod english;

use std::ops::Range;

pub use chinese::of_chinese;

/// A quantity that a Chinese text states.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The values by which a translation may state it; percentages and fractions also as shares, months also by
    /// number.
    pub values: Vec<f64>,
    /// The month by whose name a translation may have it, from 1 on.
    pub month: Option<u8>,
    /// The place of the quantity, in characters of the text.
    pub place: Range<usize>,
}

/// The share by which values may differ that are converted between units of measurement.
const ROUNDED: f64 = 0.02;

/// The quantities of a Chinese text that its English translation lacks, in their order.
pub fn missing(chinese: &str, english: &str) -> Vec<Quantity> {
    let asked = of_chinese(chinese);
    if asked.is_empty() {
        return asked;
    }
    let found = english::read(english);
    asked.into_iter().filter(|quantity| !found.has(quantity)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_translation_has_is_not_missing() {
        for (chinese, english) in [
            ("投资一百二十万元", "an investment of 1.2 million yuan"),
            ("投资一百二十万元", "an investment of 1,200,000 yuan"),
            ("2000亿美元", "$200 billion"),
            ("2000亿美元", "US$200bn"),
            ("1.35亿人", "135 million people"),
            ("近四成受访者", "nearly 40 percent of those asked"),
            ("三分之二的人", "two-thirds of the people"),
            ("三分之一的人", "a third of the people"),
            ("百分之四十五", "45%"),
            ("一半，即五成", "half, or 50 percent"),
            ("上世纪80年代", "in the 1980s"),
            ("上世纪八十年代", "in the eighties"),
            ("20世纪初", "in the early twentieth century"),
            ("二〇二一年三月五日", "on March 5, 2021"),
            ("15时30分", "at 3:30 p.m."),
            ("晚上八点", "at 20:00"),
            ("三个人和两条狗", "three men and two dogs"),
            ("两个孩子", "both children"),
            ("增长了两倍", "tripled"),
            ("是去年的3倍", "three times as much as last year"),
            ("第二十一次", "the twenty-first time"),
            ("第三章", "Chapter III"),
            ("3万5千人", "35,000 people"),
            ("三万五", "thirty-five thousand"),
            ("二十多万人", "more than 200,000 people"),
            ("20多万人", "over 200 thousand people"),
            ("一亿二千万", "120 million"),
            ("两万斤大米", "10,000 kilograms of rice"),
            ("打八折", "20 percent off"),
            ("一千五百一十二", "one thousand five hundred and twelve"),
            ("民国一百零三年", "in 2014"),
            ("六十五岁", "sixty-five years old"),
            ("十二个", "a dozen"),
            ("１２３４万元", "12.34 million yuan"),
            ("30000亿", "3 trillion"),
            ("不足两成四，升三成九", "under 24 percent, up 39 percent"),
            ("十九块九", "19.9 yuan"),
            ("烧到三十八度二", "a temperature of 38.2"),
            ("3 260万元", "32.6 million yuan"),
            ("1130万60岁以上的老人", "11.3 million people aged over 60"),
            ("二十世纪八十年代中期", "the mid-1980s"),
            ("赤字率为百分之三点六", "a deficit of 3.6 percent"),
            ("零点五个百分点", "0.5 percentage points"),
            ("三点五公里", "3.5 kilometers"),
            ("三点二十分", "twenty past three"),
            ("深1,642公尺", "a depth of 1,642 m"),
            ("约 2.3 亿，在 5 月 30 日", "about 230 million, on May 30"),
            ("20 世纪 70 年代", "the 1970s"),
            ("早上7:55", "at 7.55am"),
            ("十分糟糕，等了1个小时，240 千米", "very bad, waited for an hour, 240 km"),
            ("电话 0800 555 111", "phone 0800 555 111"),
            ("近二十年来", "in nearly two decades"),
            ("增长5.6个百分点", "up 5.6 percentage points"),
            ("十個月", "ten months"),
        ] {
            assert_eq!(missing(chinese, english), [], "{chinese} | {english}");
        }
    }

    #[test]
    fn what_is_left_out_or_changed_is_missing() {
        for (chinese, english, count) in [
            ("投资一百二十万元", "an investment of a hundred thousand thousand yuan", 1),
            ("2000亿美元", "2000 million US dollars", 1),
            ("2000亿美元", "200 dollars", 1),
            ("近四成受访者反对", "The respondents were against it.", 1),
            ("2019年3月5日", "on March 6, 2019", 1),
            ("2019年3月5日", "on May 5, 2018", 2),
            ("三个人和两条狗", "people and dogs", 2),
            ("三分之二的人", "one-third of the people", 1),
            ("第三届", "the second session", 1),
            ("下午三点", "in the afternoon", 1),
            ("从1亿增加到3亿", "from 100 million to 200 million", 1),
        ] {
            assert_eq!(missing(chinese, english).len(), count, "{chinese} | {english}");
        }
    }

    #[test]
    fn what_counts_nothing_asks_for_nothing() {
        for chinese in [
            "三国演义",
            "四川的三亚",
            "七八个人",
            "几十万人",
            "一个人",
            "万一下雨",
            "成千上万",
            "数百人",
            "第一时间",
            "第二天",
            "三心二意",
            "一九",
            "百万富翁",
            "两国",
            "十几个",
        ] {
            assert_eq!(of_chinese(chinese), [], "{chinese}");
        }
    }

    #[test]
    fn a_quantity_stands_where_it_was_read() {
        let places: Vec<_> =
            of_chinese("共有１２万人，占百分之三十。").into_iter().map(|quantity| quantity.place).collect();
        assert_eq!(places, [2..5, 8..13]);
    }

    #[test]
    fn odd_numbers_are_read_without_fault() {
        for text in [
            "1,",
            "1.",
            "1..2",
            "9,99,9.9.9",
            "亿",
            "百万千",
            "分之三",
            "零分之零",
            "第",
            "99999999999亿亿亿亿",
            "万万万",
            "3万5",
            "一分之",
            "%",
            "0成",
        ] {
            let _ = (of_chinese(text), missing("三个", text), missing(text, text));
        }
    }
}
