//! The quantities of a Chinese text.

mod free;
mod numeral;
mod said;

pub(super) use self::{free::is_measure_behind, said::said};
use self::{
    free::{is_free, saying},
    numeral::{is_two_digits, numeral_values},
};
use super::Quantity;
use crate::text::{half_width, is_han, to_simplified};

/// The quantities of a Chinese text, in their order.
pub fn of_chinese(text: &str) -> Vec<Quantity> {
    read(&text_of(text), false)
}

/// The quantities of the characters of a text, in their order; with `lone`, single numerals too that stand before no
/// word for what is counted.
pub(super) fn read(text: &[char], lone: bool) -> Vec<Quantity> {
    let mut quantities = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let reader = Reader { text, start: at, lone };
        let (quantity, end) = reader.read();
        quantities.extend(quantity);
        at = end.max(at + 1);
    }
    quantities
}

/// The characters of a text, of one script and width. Conversion of script keeps their number but in rare words, where
/// places are off by what changed.
pub(super) fn text_of(text: &str) -> Vec<char> {
    to_simplified(text).chars().map(half_width).collect()
}

/// What may stand behind a lone numeral that counts: measure words, times and units.
const MEASURES: &str = "个名位只条件年月日号天小时分秒岁人次倍届家所张座艘辆架台部本份套栋层项起例门颗粒吨米公里元块镑亩斤克升\
                        度点周代集章节课行首篇幅枚支枝把杯瓶碗盒箱袋桶匹户间幢级种类成折码海英立毫厘千角";

/// What stands before the number of a day of the week.
const WEEK: &str = "周期拜";

/// Characters around a numeral that make it vague.
const VAGUE: &str = "几数上成好";

/// The numerals of cheques, which are words by themselves.
const FORMAL: &str = "壹贰叁肆伍陆柒捌玖拾佰仟";

/// Numerals that a text of law or history writes in full.
fn digit(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn unit(c: char) -> Option<f64> {
    Some(match c {
        '十' | '拾' => 10.0,
        '百' | '佰' => 100.0,
        '千' | '仟' => 1e3,
        '万' => 1e4,
        '亿' => 1e8,
        _ => return None,
    })
}

/// A number as it was read: its values, and where it ends.
struct Number {
    values: Vec<f64>,
    end: usize,
    /// Whether it is in Chinese characters, not in digits.
    in_words: bool,
    /// Whether it is of one character.
    lone: bool,
}

/// Reads what begins at a place of a text.
struct Reader<'t> {
    text: &'t [char],
    start: usize,
    /// Whether a single numeral counts whatever follows it.
    lone: bool,
}

impl Reader<'_> {
    /// The quantity that begins here, if any, and where to read on.
    fn read(&self) -> (Option<Quantity>, usize) {
        let Some(number) = self.number(self.start) else { return (None, self.start + 1) };
        if let Some(length) = saying(&self.text[self.start..]) {
            return (None, self.start + length);
        }
        let end = number.end;
        if self.follows(end, "分之") {
            return self.fraction(&number, end + 2);
        }
        if let Some((value, end)) = self.decimal(&number) {
            // `三点二十分` is a time, and so may `三点五` be.
            let is_time = self.at(end).is_some_and(|c| "分刻半整钟".contains(c));
            return ((!is_time).then(|| self.quantity(vec![value, value.trunc()], end)), end);
        }
        if self.is_vague(&number) || (is_two_digits(&self.text[self.start..end]) && self.at(end) != Some('年')) {
            return (None, end);
        }
        if self.before('第') {
            return (self.ordinal(&number), end);
        }
        let is_weekday = number.lone && WEEK.chars().any(|c| self.before(c));
        let is_zero = number.values == [0.0] && self.before(':');
        // Of `二十世纪八十年代` the English may have the decade alone.
        let behind: String = self.text[end..].iter().take(8).collect();
        let has_decade = behind.starts_with("世纪") && behind.contains("年代");
        // `十分` is `very`, and `1小时` may be `an hour`.
        let is_word = (number.lone && number.values == [10.0] && behind.starts_with('分'))
            || (number.values == [1.0] && !behind.starts_with(['%', '月']));
        if is_weekday || has_decade || is_word || is_zero {
            return (None, end);
        }
        // Alone, `登陆` and `肆意` have no number.
        let is_formal = || self.at(self.start).is_some_and(|c| FORMAL.contains(c));
        if number.lone && (is_formal() || !(self.lone || self.at(end).is_some_and(|c| MEASURES.contains(c)))) {
            return (None, end);
        }
        let quantity = self.with_unit(number);
        let end = quantity.as_ref().map_or(end, |quantity| quantity.place.end);
        (quantity, end)
    }

    fn at(&self, place: usize) -> Option<char> {
        self.text.get(place).copied()
    }

    fn before(&self, c: char) -> bool {
        self.start.checked_sub(1).and_then(|place| self.at(place)) == Some(c)
    }

    fn follows(&self, place: usize, text: &str) -> bool {
        text.chars().enumerate().all(|(offset, c)| self.at(place + offset) == Some(c))
    }

    fn is_vague(&self, number: &Number) -> bool {
        let before = self.start.checked_sub(1).and_then(|place| self.at(place));
        number.values.is_empty()
            || (number.in_words && before.is_some_and(|c| VAGUE.contains(c)))
            || self.at(number.end) == Some('几')
    }

    /// The number at `start`; without values where it is vague or no number.
    fn number(&self, start: usize) -> Option<Number> {
        let first = self.at(start)?;
        if first.is_ascii_digit() {
            return Some(self.in_digits(start));
        }
        (digit(first).is_some() || unit(first).is_some()).then(|| self.in_words(start))
    }

    /// `1,234.5`, `3.2亿`, `20多万`, `3万5千`.
    fn in_digits(&self, start: usize) -> Number {
        let (mut value, end) = self.digits(start);
        let mut end = self.without_space(end);
        let mut last = f64::INFINITY;
        let mut total = 0.0;
        loop {
            let mut scale = 1.0;
            let after = if self.at(end).is_some_and(|c| "多余几来".contains(c)) { end + 1 } else { end };
            let mut units = after;
            // `千米`, `千克`, `千比特` are units of measurement.
            let is_measure = |place: usize| {
                self.at(place) == Some('千') && self.at(place + 1).is_some_and(|c| "米克瓦比字卡伏赫帕焦".contains(c))
            };
            while let Some(more) = self.at(units).filter(|_| !is_measure(units)).and_then(unit) {
                scale *= more;
                units += 1;
            }
            if units > after {
                end = self.without_space(units);
            }
            total += value * scale;
            if units == after || scale >= last || !self.at(end).is_some_and(|c| c.is_ascii_digit()) {
                break;
            }
            let (more, after) = self.digits(end);
            // `2万4801` is one number.
            if scale >= 1e3 && format!("{scale:.0}").len() == after - end + 1 {
                (total, end) = (total + more, after);
                break;
            }
            // `3万5千` goes on, `1130万60岁` does not.
            if !self.at(after).and_then(unit).is_some_and(|unit| unit < scale) {
                break;
            }
            last = scale;
            (value, end) = (more, after);
        }
        Number { values: vec![total], end, in_words: false, lone: false }
    }

    /// Whether digits that begin here follow others with a space between.
    fn after_number(&self, start: usize) -> bool {
        start >= 2 && self.at(start - 1) == Some(' ') && self.at(start - 2).is_some_and(|c| c.is_ascii_digit())
    }

    /// A place, or that behind it where a space stands between a number and the Chinese that belongs to it.
    fn without_space(&self, place: usize) -> usize {
        let is_spaced = self.at(place) == Some(' ') && self.at(place + 1).is_some_and(|c| is_han(c) || c == '%');
        place + usize::from(is_spaced)
    }

    /// Digits with separators and a decimal point.
    fn digits(&self, start: usize) -> (f64, usize) {
        let is_digit = |place: usize| self.at(place).is_some_and(|c| c.is_ascii_digit());
        let mut text = String::new();
        let mut end = start;
        while let Some(c) = self.at(end) {
            let grouped = || (1..=3).all(|offset| is_digit(end + offset)) && !is_digit(end + 4);
            match c {
                '0'..='9' => text.push(c),
                ',' if !text.contains('.') && grouped() => {}
                // `3 260`, but not `0800 555 111`.
                ' ' if text.len() < 4 && !text.starts_with('0') && !self.after_number(start) && grouped() => {}
                '.' if is_digit(end + 1) && !text.contains('.') => text.push('.'),
                _ => break,
            }
            end += 1;
        }
        (text.parse().unwrap_or_default(), end)
    }

    fn in_words(&self, start: usize) -> Number {
        let mut end = start;
        while let Some(c) = self.at(end).filter(|&c| digit(c).is_some() || unit(c).is_some()) {
            // `二十两银子` is weighed, `两千两百` counted.
            if c == '两' && end > start && !self.at(end + 1).is_some_and(|c| "百千万亿".contains(c)) {
                break;
            }
            end += 1;
        }
        let numeral = &self.text[start..end];
        let lone = numeral.len() == 1;
        if self.at(end).is_some_and(|c| "多余来".contains(c)) {
            // `二十多万`: what was read is of the unit that follows.
            if let Some(scale) = self.at(end + 1).and_then(unit) {
                let values = numeral_values(numeral).into_iter().map(|value| value * scale).collect();
                return Number { values, end: end + 2, in_words: true, lone: false };
            }
            end += usize::from(!lone);
        }
        Number { values: numeral_values(numeral), end, in_words: true, lone }
    }

    /// A number with a decimal part, as in `三点五`, and where it ends.
    fn decimal(&self, number: &Number) -> Option<(f64, usize)> {
        let mut end = number.end + 1;
        if !number.in_words || self.at(number.end) != Some('点') {
            return None;
        }
        let mut decimals = String::new();
        while let Some(digit) = self.at(end).and_then(digit) {
            decimals.push(char::from_digit(digit, 10)?);
            end += 1;
        }
        let whole = number.values.first().copied().or_else(|| self.at(self.start).and_then(digit).map(f64::from))?;
        let value = format!("{whole:.0}.{decimals}").parse().ok()?;
        // `一点一点` and `一点一滴` are `little by little`.
        let is_number = !self.at(end).is_some_and(|c| unit(c).is_some() || "点滴".contains(c));
        (!decimals.is_empty() && is_number).then_some((value, end))
    }

    /// `三分之二`, `百分之四十`, `百分之3.5`; `of` is what stands before 分之.
    fn fraction(&self, of: &Number, start: usize) -> (Option<Quantity>, usize) {
        let Some(part) = self.number(start) else { return (None, start) };
        // `百` alone is no number elsewhere.
        let ratio = of.values.first().copied().or_else(|| self.at(self.start).and_then(unit)).filter(|&of| of > 1.0);
        let reader = Reader { start, ..*self };
        let (value, end) =
            reader.decimal(&part).map_or((part.values.first().copied(), part.end), |(value, end)| (Some(value), end));
        let (Some(of), Some(value)) = (ratio, value) else { return (None, end) };
        let share = value / of;
        // Two thirds may be 67 percent.
        let quantity = Quantity { converted: vec![share], ..self.quantity(vec![100.0 * share, share], end) };
        (Some(quantity), end)
    }

    /// `第三届`; 第一, 第二天 and 第三产业 are said in too many ways.
    fn ordinal(&self, number: &Number) -> Option<Quantity> {
        let is_next = number.values == [2.0] && self.at(number.end).is_some_and(|c| "天年日个大".contains(c));
        let is_first = number.values == [1.0];
        let is_sector = self.follows(number.end, "产业");
        (!is_first && !is_next && !is_sector).then(|| self.quantity(number.values.clone(), number.end))
    }

    /// The quantity that a number makes with the unit behind it.
    fn with_unit(&self, number: Number) -> Option<Quantity> {
        let Number { mut values, mut end, .. } = number;
        let value = *values.first()?;
        let (mut month, mut converted) = (None, Vec::new());
        // `三成九`, `十九块九`, `三十八度二`.
        let tenth =
            self.at(end + 1).and_then(digit).filter(|_| self.at(end + 2).and_then(unit).is_none()).map(f64::from);
        match self.at(end) {
            Some('%') => values.push(value / 100.0),
            Some('成') if value < 10.0 && !self.at(end + 1).is_some_and(|c| "功立为员果本长交就人分".contains(c)) =>
            {
                let half = if self.at(end + 1) == Some('半') { 5.0 } else { tenth.unwrap_or_default() };
                values = vec![10.0 * value + half, value / 10.0 + half / 100.0];
                end += 1 + usize::from(half > 0.0);
            }
            Some('块' | '元' | '度') if tenth.is_some() => {
                values = vec![value + tenth.unwrap_or_default() / 10.0];
                end += 2;
            }
            // `八角三分`.
            Some('角') if tenth.is_some() => {
                let fen = 10.0 * value + tenth.unwrap_or_default();
                values = vec![fen, fen / 100.0];
                end += 2;
            }
            Some('折') if value < 100.0 => {
                let price = if value < 10.0 { 10.0 * value } else { value };
                values = vec![price, 100.0 - price, value];
            }
            Some('倍') => values.extend([value + 1.0, 100.0 * value]),
            Some('世') if self.follows(end, "世纪") => values.push(100.0 * (value - 1.0)),
            Some('年') if self.follows(end, "年代") && value < 100.0 => {
                values.extend([1900.0 + value, 1800.0 + value, 2000.0 + value]);
            }
            Some('年') if self.follows(end, "年代") => values.push(value % 100.0),
            // `七六年`.
            Some('年') if is_two_digits(&self.text[self.start..end]) => {
                values.extend([1900.0 + value, 2000.0 + value]);
            }
            Some('年') if self.start >= 2 && self.text[..self.start].ends_with(&['民', '国']) => {
                values.push(value + 1911.0);
            }
            Some('月') if (1.0..=12.0).contains(&value) => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 12")]
                let number = value as u8;
                month = Some(number);
            }
            Some('点' | '时') if (13.0..=24.0).contains(&value) => values.push(value - 12.0),
            Some('点' | '时' | ':') if value < 12.0 => values.push(value + 12.0),
            Some('摄' | '℃' | '度') => converted.push(1.8 * value + 32.0),
            Some('斤') => converted.extend([value / 2.0, value * 1.1]),
            Some('里') => converted.extend([value / 2.0, value * 0.31]),
            Some('亩') => converted.extend([value / 15.0, value / 6.0]),
            _ => {}
        }
        Some(Quantity { converted, month, ..self.quantity(values, end) })
    }

    fn quantity(&self, values: Vec<f64>, end: usize) -> Quantity {
        let is_free = is_free(self.text, self.start, end);
        Quantity { values, converted: Vec::new(), month: None, place: self.start..end, is_free }
    }
}
