//! The links of a tagger: which pieces of both sides say the same, from the states of both.
//!
//! Each piece of the source is compared with each of the target, as in attention; what two pieces have depends on what those
//! around both have, by a kernel; and of each piece all links, and what it has with none, are shares of one (an alignment
//! module beside a network that is trained already, as in Chen et al. 2020). `scripts/train/tagger/link.py` trains them.

use tch::Tensor;

use super::{
    super::forward::{linear::Linear, rows::Rows, tensors::Tensors},
    EncodedPair, States,
};
use crate::{both::Both, tokenizer::by_sentence};

/// What makes the links of one side's pieces of their states.
pub(super) struct LinksOfSide {
    /// What is compared with that of the other side.
    own: Linear,
    /// How well each piece goes with none of the other side, in nats.
    nowhere: Linear,
}

impl LinksOfSide {
    /// Those of `side`, whose states have this width in all; none where there are no links. Errors say what is amiss.
    pub(super) fn open(tensors: &Tensors, side: &str, width: i64) -> std::result::Result<Option<Self>, String> {
        let Some(shape) = tensors.shape(&format!("links.{side}.weight")) else { return Ok(None) };
        let inner = shape.first().copied().unwrap_or_default();
        let own = tensors.single(&format!("links.{side}"), inner, width)?;
        Ok(Some(Self { own, nowhere: tensors.single(&format!("links.{side}_nowhere"), 1, width)? }))
    }

    fn share(&self) -> Self {
        Self { own: self.own.share(), nowhere: self.nowhere.share() }
    }
}

/// What makes links of the states of both sides: which piece goes with which.
pub(super) struct Links {
    sides: Both<LinksOfSide>,
    /// How a link depends on those of the pieces around both: 1 × 1 × size × size, the size odd.
    around: Tensor,
}

impl Links {
    /// None where neither side has any. Errors say what is amiss.
    pub(super) fn of(
        tensors: &Tensors,
        source: Option<LinksOfSide>,
        target: Option<LinksOfSide>,
    ) -> std::result::Result<Option<Self>, String> {
        const AROUND: &str = "links.around.weight";
        let (source, target) = match (source, target) {
            (None, None) => return Ok(None),
            (Some(source), Some(target)) if source.own.width() == target.own.width() => (source, target),
            _ => return Err("has links that do not go together".to_owned()),
        };
        let size = tensors.shape(AROUND).and_then(|shape| shape.last().copied()).unwrap_or(1);
        let around = tensors.tensor(AROUND, &[1, 1, size, size])?;
        let sides = Both::new(source, target);
        if size % 2 == 1 { Ok(Some(Self { sides, around })) } else { Err(format!("has `{AROUND}` without a middle")) }
    }

    pub(super) fn share(&self) -> Self {
        Self { sides: self.sides.as_ref().map(LinksOfSide::share), around: self.around.shallow_clone() }
    }

    /// Of each piece of each pair, the share of its links that goes to each sentence of the other side.
    pub(super) fn shares(&self, states: &States, pairs: &[&EncodedPair]) -> Vec<Both<Vec<Vec<f32>>>> {
        let compared = self.sides.as_ref().zip(states.layers.as_ref()).map(|(side, layers)| {
            let rows = Rows::side_by_side(layers);
            (side.own.forward(&rows), side.nowhere.forward(&rows))
        });
        let scale = 1.0 / (compared.source.0.width().max(1) as f64).sqrt();
        let of_pair = |(number, pair): (usize, &&EncodedPair)| {
            let spans = states.spans.as_ref().map(|spans| &spans[number]);
            let own = compared.as_ref().zip(spans).map(|((own, _), span)| own.some(span).tensor());
            let nowhere = compared.as_ref().zip(spans).map(|((_, nowhere), span)| &nowhere.values()[span.clone()]);
            let links = self.spread(&(own.source.matmul(&own.target.tr()) * scale));
            let [to_target, to_source] = [links.shallow_clone(), links.tr().contiguous()].map(|links| Rows::of(&links));
            Both::new(
                shares(&to_target, nowhere.source, &pair.lengths.target),
                shares(&to_source, nowhere.target, &pair.lengths.source),
            )
        };
        pairs.iter().enumerate().map(of_pair).collect()
    }

    /// Links (source × target) as those around them make them.
    fn spread(&self, links: &Tensor) -> Tensor {
        if links.numel() == 0 {
            return links.shallow_clone();
        }
        let beyond = self.around.size()[3] / 2;
        let planes = links.unsqueeze(0).unsqueeze(0);
        planes.conv2d(&self.around, None::<Tensor>, [1, 1], [beyond, beyond], [1, 1], 1).squeeze_dim(0).squeeze_dim(0)
    }
}

/// Of each row of links, in nats, the share that goes to each sentence of so many pieces; `nowhere` is how well each goes
/// with none.
fn shares(links: &Rows, nowhere: &[f32], lengths: &[usize]) -> Vec<Vec<f32>> {
    let of_row = |(row, &nowhere): (usize, &f32)| {
        let row = links.row(row);
        let most = row.iter().copied().fold(nowhere, f32::max);
        let weights: Vec<f32> = row.iter().map(|link| (link - most).exp()).collect();
        let total = weights.iter().sum::<f32>() + (nowhere - most).exp();
        by_sentence(&weights, lengths.iter().copied()).map(|own| own.iter().sum::<f32>() / total).collect()
    };
    nowhere.iter().enumerate().map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_shared_among_the_sentences_and_nowhere() {
        // Of two pieces the first goes with the last sentence, the second as well with the first as with nothing.
        let links = Rows::new(vec![-50.0, -50.0, 0.0, 0.0, -50.0, -50.0], 3);
        let found = shares(&links, &[-50.0, 0.0], &[2, 1, 1]);
        let near = |found: f32, expected: f32| (found - expected).abs() < 1e-6;
        assert!(near(found[0][0], 0.0) && near(found[0][1], 1.0) && near(found[0][2], 0.0), "{found:?}");
        assert!(near(found[1][0], 0.5) && near(found[1][1], 0.0), "{found:?}");
        let far = shares(&Rows::new(vec![1e30, -1e30], 2), &[0.0], &[1, 1]);
        assert!(near(far[0][0], 1.0) && near(far[0][1], 0.0), "{far:?}");
        assert!(shares(&Rows::new(Vec::new(), 0), &[], &[]).is_empty());
    }
}
