"""Checks that a model says what the smaller one says out of which it grew."""

import dataclasses
import unittest

import torch
from torch import Tensor
from torch.nn import functional

from translator.grow import grown
from translator.model import Marian, Shape

SMALL = Shape(
    vocabulary=50, width=32, heads=2, inner=48, encoder_layers=2, decoder_layers=1, positions=20
)
SOURCE = torch.tensor([[3, 14, 15, 9, 2, 6], [5, 35, 8, 49, 49, 49]])
TARGET = torch.tensor([[27, 18, 28, 1], [8, 28, 4, 5]])


def scores(model: Marian) -> Tensor:
    """Of every piece at each place; places are not told apart, for their waves change too."""
    model.positions.zero_()
    with torch.no_grad():
        return functional.linear(model(SOURCE, TARGET), model.shared.weight)[..., :-1]


class Growth(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.small = Marian(SMALL).eval()

    def check(self, at_most: float, **sizes: int) -> None:
        large = grown(self.small, dataclasses.replace(SMALL, **sizes)).eval()
        expected = scores(self.small)
        distance = (scores(large) - expected).norm() / expected.norm()
        self.assertLess(distance.item(), at_most, sizes)

    def test_of_the_same_shape_it_is_the_same(self):
        self.check(1e-6)

    def test_of_twice_the_width_with_more_inner_units_it_says_the_same(self):
        self.check(1e-4, width=64, heads=4, inner=100)

    def test_with_more_layers_it_says_the_same(self):
        self.check(1e-3, encoder_layers=5, decoder_layers=3)

    def test_layers_that_are_added_give_back_what_other_normalisations_make(self):
        for name, parameter in self.small.named_parameters():
            if "norm" in name:
                torch.nn.init.normal_(parameter, mean=float(name.endswith("weight")), std=0.1)
        self.check(0.1, encoder_layers=3)

    def test_of_a_width_that_is_no_multiple_it_says_about_the_same(self):
        self.check(0.5, width=48, heads=3)

    def test_all_of_it_learns(self):
        large = grown(self.small, dataclasses.replace(SMALL, width=64, heads=4, encoder_layers=3))
        functional.linear(large(SOURCE, TARGET), large.shared.weight).sum().backward()
        # What nothing reads yet learns once what is to read it has learnt.
        still = {name for name, it in large.named_parameters() if not it.grad.any()}
        self.assertTrue(all("layers.2" in name or "k_proj.bias" in name for name in still), still)

    def test_what_is_smaller_is_refused(self):
        with self.assertRaisesRegex(ValueError, "width, inner"):
            grown(self.small, dataclasses.replace(SMALL, width=16, inner=16))
        with self.assertRaisesRegex(ValueError, "heads"):
            grown(self.small, dataclasses.replace(SMALL, width=64))


def main() -> None:
    unittest.main(__name__)


if __name__ == "__main__":
    main()
