//! Hidden units: they see what features say only together.

use serde::{Deserialize, Serialize};

use super::named::{Named, by_name, in_order};

/// A hidden unit: the hyperbolic tangent of a weighted sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// What it gives at most, in nats.
    pub output: f64,
    /// What the sum begins with.
    pub bias: f64,
    /// The weight of each feature, in the order of the features.
    pub weights: Vec<f64>,
}

impl Unit {
    /// What it gives for these values of the features, in nats.
    fn value(&self, values: &[f64]) -> f64 {
        let sum: f64 = self.weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
        self.output * (self.bias + sum).tanh()
    }
}

/// What units give together for these values of the features, in nats.
pub(super) fn sum(units: &[Unit], values: &[f64]) -> f64 {
    units.iter().map(|unit| unit.value(values)).sum()
}

/// A unit as the files of a bundle have it; a bias that is 0 is left out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitFile {
    output: f64,
    #[serde(default, skip_serializing_if = "is_zero")]
    bias: f64,
    pub(super) weights: Named,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl UnitFile {
    /// The unit in the form of a file; `names` are those of the features, in their order.
    pub(super) fn new(unit: &Unit, names: impl Iterator<Item = String>) -> Self {
        Self { output: unit.output, bias: unit.bias, weights: by_name(names, &unit.weights) }
    }

    /// The unit of the file. Fails on a name that is none of `names`, which are those of the features in their order.
    pub(super) fn unit(self, names: impl Iterator<Item = String>) -> Result<Unit, String> {
        Ok(Unit { output: self.output, bias: self.bias, weights: in_order(names, self.weights)? })
    }
}
