//! Quantities: the amounts, dates, shares and ordinals that a Chinese text states, and whether an English text has
//! them.
//!
//! Chinese and English are brought to values: `一百二十万`, `120万` and `1.2 million` are all 1,200,000, `四成` is 40
//! percent, `三分之二` two thirds, `80年代` the 1980s. What Chinese says of an amount may be said in more than one
//! way, so each quantity has several values, one of which is enough. Vague numbers (`几十`, `七八个`), a lone `一`
//! and numerals that are no counts (`三国`, `四川`) ask for nothing.

mod chinese;
mod english;
mod scale;

use std::ops::Range;

pub use chinese::of_chinese;
pub use scale::rescaled;

/// A quantity that a text states.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The values by which a translation may state it; percentages and fractions also as shares, months also by
    /// number.
    pub values: Vec<f64>,
    /// Values that come of converting one unit of measurement to another, and are rounded.
    pub converted: Vec<f64>,
    /// The month by whose name a translation may have it, from 1 on.
    pub month: Option<u8>,
    /// The place of the quantity, in characters of the text.
    pub place: Range<usize>,
    /// Whether it is of a kind that good translations leave out or bring in: a small number in words (`两人`, `one of the
    /// three`), a number in brackets, or one that numbers a paragraph.
    pub is_free: bool,
}

/// The share by which values may differ that are the same.
const EXACT: f64 = 1e-9;

/// The share by which values may differ that are converted between units of measurement.
const ROUNDED: f64 = 0.02;

impl Quantity {
    /// Whether one of its values is among `values`, which are sorted.
    fn is_among(&self, values: &[f64]) -> bool {
        self.values.iter().any(|&wanted| is_near(wanted, values, EXACT))
            || self.converted.iter().any(|&wanted| is_near(wanted, values, ROUNDED))
    }
}

/// Whether one of `values`, which are sorted, differs by at most this share from the one that is wanted.
fn is_near(wanted: f64, values: &[f64], share: f64) -> bool {
    let tolerance = share * wanted.abs();
    let next = values.partition_point(|&value| value < wanted - tolerance);
    values.get(next).is_some_and(|&value| value <= wanted + tolerance)
}

/// The quantities that only one side of a pair states, each in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Differing {
    /// Those of the Chinese that the English lacks.
    pub chinese: Vec<Quantity>,
    /// Those of the English that the Chinese lacks.
    pub english: Vec<Quantity>,
}

/// The quantities that only one side of a pair states.
///
/// Of the Chinese those that [`of_chinese`] reads and single numerals, of the English those in digits and in words; what the other side may
/// say of them is read as widely as can be. A free one ([`Quantity::is_free`]) tells only where the other side has one
/// too that is left over. What is measured in miles or pounds on one side is not compared.
pub fn differing(chinese: &str, english: &str) -> Differing {
    let characters = chinese::text_of(chinese);
    let asked = chinese::read(&characters, true);
    let found = english::read(english);
    let said = chinese::said(&characters, &asked);
    let is_measured = |quantity: &Quantity| found.is_imperial && chinese::is_measure_behind(&characters, quantity);
    let missing = asked.into_iter().filter(|quantity| !found.has(quantity) && !is_measured(quantity));
    let mut chinese: Vec<Quantity> = missing.collect();
    let mut english: Vec<Quantity> = found.stated.into_iter().filter(|quantity| !said.has(quantity)).collect();
    let (no_chinese, no_english) = (chinese.is_empty(), english.is_empty());
    chinese.retain(|quantity| !(quantity.is_free && no_english));
    english.retain(|quantity| !(quantity.is_free && no_chinese));
    Differing { chinese, english }
}

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
    fn each_side_is_asked_for_what_the_other_states() {
        for (chinese, english, expected) in [
            ("共有３２０人。", "There were 320 people.", "|"),
            ("共有320人。", "There were 230 people.", "320|230"),
            ("共有人。", "There were 320 people.", "|320"),
            ("共有320人。", "There were people.", "320|"),
            ("投资一百二十万元", "1.4 million yuan invested", "一百二十万|1.4 million"),
            ("他们两人走了。", "They left.", "|"),
            ("他们三个人走了。", "The four of them left.", "三|four"),
            ("走了。", "One of the three left.", "|"),
            ("1. 打开盖子，等三秒。", "Open the lid and wait for three seconds.", "|"),
            ("S3 型号", "the S3", "|"),
            ("半个月走了五十公里", "they walked thirty miles in half a month", "|"),
            ("50万人", "half a million people", "|"),
            ("3点58分", "at two minutes to four", "|"),
            ("在1997至1998年", "in 1997-98", "|"),
            ("二十两银子", "twenty taels of silver", "|"),
            ("差了十万八千里", "not even close", "|"),
            ("一点一点地挪", "it moved little by little", "|"),
            ("他给了一百分的努力", "he gave everything", "|"),
            ("速度为56千比特", "at 56 kilobits", "|"),
            ("登陆时", "on landing", "|"),
            ("（张三，1998）说过", "as was said", "1998|"),
            ("有人说过", "as was said (Zhang 1998)", "|"),
            ("八角三分", "eighty-three fen", "|"),
            ("占一成七", "17 per cent", "|"),
            ("九年四成，五年三成", "40 percent in nine years, 3 percent in five", "三成|"),
            ("“9·11”和“911”", "9/11", "|"),
            ("“8·11”汇改", "the 8.11 reform", "|"),
            ("2万4801张", "24,801 of them", "|"),
            ("发展千亿产业", "an industry of 100 billion", "|"),
            ("上世纪80年代", "in the 1970s", "80|1970"),
            ("民国二十五年", "in 1939", "二十五|1939"),
            ("七六年，七八年", "in 1976, for seven or eight years", "|"),
            ("气温32.2摄氏度", "90 degrees", "|"),
            ("二十三日宣布", "announced on Wednesday", "|"),
            ("7月26日", "July 26, 2020", "|"),
            ("四百零三", "430", "四百零三|430"),
            ("一百三", "130", "|"),
            ("十之七八，十个人里有七个", "seven out of ten people", "|"),
            ("二十大", "the 21st Congress", "二十|21"),
        ] {
            let differing = differing(chinese, english);
            let bits = |text: &str, quantities: &[Quantity]| {
                let bit = |place: &Range<usize>| text.chars().skip(place.start).take(place.len()).collect::<String>();
                quantities.iter().map(|quantity| bit(&quantity.place)).collect::<Vec<_>>().join(" ")
            };
            let found = bits(chinese, &differing.chinese) + "|" + &bits(english, &differing.english);
            assert_eq!(found, expected, "{chinese} | {english}");
        }
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
            let _ = (of_chinese(text), missing("三个", text), missing(text, text), differing(text, text));
            let _ = (rescaled("三亿", text), rescaled(text, "30 billion"), rescaled(text, text));
        }
    }
}
