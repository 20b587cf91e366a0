//! Pairs of quotes and brackets in a Chinese paragraph.
//!
//! A mark without a partner is ignored, so that a forgotten one never swallows what follows it.

/// Quotes and brackets, each opening mark with its closing one.
const PAIRS: [(char, char); 10] = [
    ('“', '”'),
    ('‘', '’'),
    ('「', '」'),
    ('『', '』'),
    ('（', '）'),
    ('(', ')'),
    ('《', '》'),
    ('〈', '〉'),
    ('【', '】'),
    ('[', ']'),
];

/// How many open marks a closing mark looks back over; text nests two or three deep.
const DEEPEST: usize = 8;

/// Opening and closing marks that belong together, by their positions among the characters of a paragraph.
#[derive(Debug)]
pub(super) struct Pairs {
    /// For each character, the position of its partner.
    partners: Vec<Option<usize>>,
}

impl Pairs {
    /// Pairs up the marks of a paragraph.
    pub(super) fn of(characters: &[char]) -> Self {
        let mut partners = vec![None; characters.len()];
        // Straight quotes look the same at both ends: they take turns, or say nothing if one is missing.
        let straight: Vec<_> = (0..characters.len()).filter(|&at| characters[at] == '"').collect();
        if straight.len().is_multiple_of(2) {
            for pair in straight.chunks_exact(2) {
                (partners[pair[0]], partners[pair[1]]) = (Some(pair[1]), Some(pair[0]));
            }
        }
        let mut open: Vec<usize> = Vec::new();
        for (at, &c) in characters.iter().enumerate() {
            if PAIRS.iter().any(|&(opening, _)| opening == c) {
                open.push(at);
            } else if let Some(&(opening, _)) = PAIRS.iter().find(|&&(_, closing)| closing == c) {
                let lowest = open.len().saturating_sub(DEEPEST);
                if let Some(depth) = (lowest..open.len()).rev().find(|&depth| characters[open[depth]] == opening) {
                    let start = open[depth];
                    (partners[start], partners[at]) = (Some(at), Some(start));
                    open.truncate(depth);
                }
            }
        }
        Self { partners }
    }

    /// Where the pair that opens at `at` closes.
    pub(super) fn closing_of(&self, at: usize) -> Option<usize> {
        self.partners[at].filter(|&partner| partner > at)
    }

    /// Where the pair that closes at `at` opens.
    pub(super) fn opening_of(&self, at: usize) -> Option<usize> {
        self.partners[at].filter(|&partner| partner < at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_find_their_partners_and_strays_find_none() {
        let cases = [
            ("“一「二」三”", "6.4.2.0"),
            ("“一（二”）", "4...0."),
            ("一”二“三", "....."),
            ("\"一\"二\"三\"", "2.0.6.4"),
            ("\"一\"二\"", "....."),
        ];
        for (text, expected) in cases {
            let characters: Vec<char> = text.chars().collect();
            let pairs = Pairs::of(&characters);
            let partners: String =
                pairs.partners.iter().map(|partner| partner.map_or(".".into(), |p| p.to_string())).collect();
            assert_eq!(partners, expected, "{text}");
        }
    }
}
