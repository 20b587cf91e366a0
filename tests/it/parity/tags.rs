//! The tagger says of each piece what the network that was trained says of it.

use mtalign::{both::Both, text::Lang, tokenizer::PieceId, translate::Tagger};

use super::{Reference, pairs};
use crate::tagging::{exact, tokenizer};

/// How far log-odds may be from their reference, in nats.
const TOLERANCE: f32 = 2e-3;

#[test]
fn tags_are_those_of_the_network_that_was_trained() {
    let reference = Reference::open("tags.safetensors");
    let expected = Both::new(reference.floats("source"), reference.floats("target"));
    let pieces = |text: &str, lang| vec![tokenizer().encode(text, lang)];
    let (source, mut target): (Vec<Vec<Vec<PieceId>>>, Vec<_>) =
        pairs().iter().map(|(zh, en)| (pieces(zh, Lang::Zh), pieces(en, Lang::En))).unzip();
    let mut asked: Vec<_> = source.iter().cloned().zip(target.clone()).collect();
    target.rotate_left(1);
    asked.extend(source.into_iter().zip(target));
    let asked: Vec<_> = asked.iter().map(|(source, target)| Both::new(&source[..], &target[..])).collect();
    let tags = exact().tag(&asked).unwrap();
    for (side, expected) in [("source", &expected.source), ("target", &expected.target)] {
        let of = |tags: &Both<Vec<f32>>| if side == "source" { tags.source.clone() } else { tags.target.clone() };
        let found: Vec<f32> = tags.iter().flat_map(of).collect();
        assert_eq!(found.len(), expected.len(), "pieces of the {side}");
        let worst = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max);
        assert!(worst <= TOLERANCE, "{worst:.1e} apart on the {side}");
    }
}
