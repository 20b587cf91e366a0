//! The tagger says of each piece what the network that was trained says of it, and where its links go.

use mtalign::{both::Both, text::Lang, tokenizer::PieceId, translate::Tagger};

use super::{Reference, pairs};
use crate::tagging::{exact, tokenizer};

/// How far log-odds may be from their reference, in nats, and shares of links.
const TOLERANCE: f32 = 2e-3;

/// Checks that the values of a side are those of the reference.
fn assert_near(found: &[f32], expected: &[f32], side: &str) {
    assert_eq!(found.len(), expected.len(), "of the {side}");
    let worst = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max);
    assert!(worst <= TOLERANCE, "{worst:.1e} apart on the {side}");
}

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
        assert_near(&tags.iter().flat_map(of).collect::<Vec<_>>(), expected, side);
    }
}

#[test]
fn links_are_those_of_the_network_that_was_trained() {
    let reference = Reference::open("tags.safetensors");
    let sides: Vec<[Vec<PieceId>; 2]> =
        pairs().iter().map(|(zh, en)| [tokenizer().encode(zh, Lang::Zh), tokenizer().encode(en, Lang::En)]).collect();
    let beside = |side: usize| -> Vec<Vec<Vec<PieceId>>> {
        let next = sides.iter().skip(1).chain(&sides);
        sides.iter().zip(next).map(|(pair, next)| vec![pair[side].clone(), next[side].clone()]).collect()
    };
    let (source, target) = (beside(0), beside(1));
    let asked: Vec<_> =
        source.iter().zip(&target).map(|(source, target)| Both::new(&source[..], &target[..])).collect();
    let found = exact().link(&asked).unwrap();
    let source: Vec<f32> = found.iter().flat_map(|of| of.links.source.concat()).collect();
    let target: Vec<f32> = found.iter().flat_map(|of| of.links.target.concat()).collect();
    assert_near(&source, &reference.floats("source_links"), "source");
    assert_near(&target, &reference.floats("target_links"), "target");
}
