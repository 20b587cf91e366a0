//! Bar charts of counts, as SVG that needs nothing else and can be read on any ground.

use std::{fmt::Write as _, ops::RangeInclusive};

/// The size of a figure and its margin, in pixels.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 32.0;

/// The space between two bars, in pixels.
const GAP: f64 = 2.0;

/// The number of marks on the axis below.
const MARKS: usize = 5;

/// A bar chart of counts over equal parts of `range`, as SVG.
pub(super) fn bars(title: &str, counts: &[usize], range: RangeInclusive<f64>) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let (width, height) = (WIDTH - 2.0 * MARGIN, HEIGHT - 2.0 * MARGIN);
    let step = width / counts.len().max(1) as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#777\">\n<title>{title}</title>\n<text x=\"{MARGIN}\" y=\"20\">{title}; the highest bar: \
         {most}</text>\n"
    );
    for (column, &count) in counts.iter().enumerate() {
        let bar = height * count as f64 / most as f64;
        let (x, y) = (MARGIN + step * column as f64, MARGIN + height - bar);
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{bar:.1}\" fill=\"#4a7ebb\"><title>{count}</title></rect>",
            step - GAP
        );
    }
    for mark in 0..=MARKS {
        let part = mark as f64 / MARKS as f64;
        let value = range.start() + part * (range.end() - range.start());
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{value}</text>",
            MARGIN + part * width,
            HEIGHT - MARGIN / 2.0
        );
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use quick_xml::{Reader, events::Event};

    use super::*;

    #[test]
    fn there_is_a_bar_a_count_the_highest_as_high_as_the_picture_allows() {
        let svg = bars("Confidence", &[0, 5, 10], 0.0..=1.0);
        let heights: Vec<&str> = svg
            .split("<rect ")
            .skip(1)
            .map(|bar| bar.split("height=\"").nth(1).unwrap().split('"').next().unwrap())
            .collect();
        assert_eq!(heights, ["0.0", "88.0", "176.0"]);
        let mut reader = Reader::from_str(&svg);
        while !matches!(reader.read_event().unwrap(), Event::Eof) {}
    }

    #[test]
    fn nothing_counted_is_a_picture_too() {
        assert!(!bars("Nothing", &[0; 4], 0.0..=1.0).contains("NaN"));
        assert!(!bars("Nothing", &[], 0.0..=1.0).contains("NaN"));
    }
}
