//! A trie of a model's pieces, which finds those that a text begins with.
//!
//! The nodes lie in one list, the children of each side by side in the order of their characters. Nothing here calls
//! itself, so a piece may be as long as a file; and there are never more nodes than characters in all pieces.

use std::{collections::VecDeque, ops::Range};

/// A trie of pieces with their scores.
pub(super) struct Trie {
    /// The nodes, of which the first one is the root.
    nodes: Vec<Node>,
}

struct Node {
    /// The character that leads here.
    character: char,
    /// The score of the piece that ends here.
    score: Option<f32>,
    children: Range<usize>,
}

impl Trie {
    /// The trie of some pieces. Of two that are alike the later one counts; one without characters is none.
    pub(super) fn new(mut pieces: Vec<(&str, f32)>) -> Self {
        // Those that are alike stay in their order.
        pieces.sort_by_key(|&(piece, _)| piece);
        let mut nodes = vec![Node { character: '\0', score: None, children: 0..0 }];
        // Nodes whose children are to come, with the pieces that begin so, and the length of what leads there in bytes.
        let mut open = VecDeque::from([(0, 0..pieces.len(), 0)]);
        while let Some((node, range, length)) = open.pop_front() {
            let first_child = nodes.len();
            let mut start = range.start;
            while start < range.end {
                let Some(character) = pieces[start].0[length..].chars().next() else {
                    // What is led to by nothing is no piece.
                    nodes[node].score = Some(pieces[start].1).filter(|_| length > 0);
                    start += 1;
                    continue;
                };
                let is_beside = |&(piece, _): &(&str, f32)| piece[length..].starts_with(character);
                let end = start + pieces[start..range.end].partition_point(is_beside);
                open.push_back((nodes.len(), start..end, length + character.len_utf8()));
                nodes.push(Node { character, score: None, children: 0..0 });
                start = end;
            }
            nodes[node].children = first_child..nodes.len();
        }
        Self { nodes }
    }

    /// Every piece that `text` begins with, from the shortest to the longest: its length in characters, and its score.
    pub(super) fn beginnings<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, f32)> + 't {
        let mut node = &self.nodes[0];
        let nodes = text.chars().map_while(move |character| {
            let children = &self.nodes[node.children.clone()];
            node = &children[children.binary_search_by_key(&character, |child| child.character).ok()?];
            Some(node)
        });
        (1..).zip(nodes).filter_map(|(length, node)| node.score.map(|score| (length, score)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn beginnings(pieces: &[(&str, f32)], text: &str) -> Vec<(usize, f32)> {
        Trie::new(pieces.to_vec()).beginnings(text).collect()
    }

    #[test]
    fn the_pieces_that_a_text_begins_with_are_found() {
        let pieces = [("天气", 2.0), ("天", 1.0), ("气", 4.0), ("天气预报", 3.0), ("a", 5.0)];
        assert_eq!(beginnings(&pieces, "天气预"), [(1, 1.0), (2, 2.0)]);
        assert_eq!(beginnings(&pieces, "天气预报。"), [(1, 1.0), (2, 2.0), (4, 3.0)]);
        assert_eq!(beginnings(&pieces, "预报"), []);
        assert_eq!(beginnings(&pieces, ""), []);
        assert_eq!(beginnings(&[], "a"), []);
    }

    #[test]
    fn of_pieces_that_are_alike_the_last_one_counts_and_an_empty_one_is_none() {
        assert_eq!(
            beginnings(&[("a", 1.0), ("", 9.0), ("a", 2.0), ("ab", 3.0), ("a", 4.0)], "ab"),
            [(1, 4.0), (2, 3.0)]
        );
    }

    #[test]
    fn a_piece_of_a_million_characters_is_one_like_any_other() {
        let long = "长".repeat(1_000_000);
        assert_eq!(beginnings(&[(&long, 1.0)], &long), [(1_000_000, 1.0)]);
    }

    proptest! {
        #[test]
        fn it_finds_what_a_search_through_all_pieces_finds(pieces in prop::collection::vec("[ab天]{1,4}", 0..20), text in "[ab天]{0,6}") {
            let scored: Vec<_> = pieces.iter().map(String::as_str).zip((1_u8..).map(f32::from)).collect();
            let score = |piece: &str| scored.iter().rev().find(|&&(it, _)| it == piece).map(|&(_, score)| score);
            let plain: Vec<_> = (1..=text.chars().count())
                .filter_map(|n| Some((n, score(&text.chars().take(n).collect::<String>())?)))
                .collect();
            prop_assert_eq!(beginnings(&scored, &text), plain);
        }
    }
}
