//! The searches, with costs of every kind: not a number, infinite, equal, huge; whole and in bands, pinned or not.
//!
//! An input is a byte for each length, the width of the band, the cost of a gap, what is pinned, and then the costs of
//! beads, again and again from their first.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mtalign::{
    align::{
        Cost, banded,
        candidates::Candidates,
        coarse,
        cost_table::CostTable,
        dense,
        pinned::{KeepingPinned, Pinned},
        prune::prune,
    },
    band::Band,
    bead::{Alignment, Run},
    both::Both,
};
// What counts loads is linked with it.
use mtalign_fuzz as _;

/// The most sentences of a side.
const LONGEST: usize = 14;

/// Costs that a judgement gone wrong may come to.
const HOSTILE: [f64; 12] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    -0.0,
    1e300,
    -1e300,
    1e30,
    1e-300,
    745.2,
];

/// The cost that a byte stands for.
fn cost(byte: u8) -> f64 {
    match byte.checked_sub(244) {
        Some(hostile) => HOSTILE[usize::from(hostile)],
        None => f64::from(byte) / 8.0 - 4.0,
    }
}

struct Costs<'a>(&'a [u8], f64);

impl Cost for Costs<'_> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        let place = [runs.source.start, runs.source.end, runs.target.start, runs.target.end];
        let hash = place.iter().fold(0, |hash, part| hash * 31 + part);
        self.0.get(hash % self.0.len().max(1)).map_or(0.0, |&byte| cost(byte))
    }

    fn gap_opening(&self) -> f64 {
        self.1
    }
}

fn check(alignment: &Alignment, lengths: Both<usize>) {
    // That they tile is checked where an alignment is made; that they go to the end is not.
    let reached = alignment.beads().last().map_or(Both::new(0, 0), |bead| bead.runs.map(|run| run.end));
    assert_eq!(reached, lengths, "the beads do not go to the end");
    for bead in alignment.beads() {
        assert!((0.0..=1.0).contains(&bead.confidence), "{bead:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    let [n, m, width, gap, n_pinned, rest @ ..] = data else { return };
    let lengths = Both::new(usize::from(*n) % LONGEST, usize::from(*m) % LONGEST);
    let Both { source: n, target: m } = lengths;
    let costs = Costs(rest, cost(*gap));
    let full = Band::full(n, m);

    let whole = banded::align(&full, &costs);
    check(&whole, lengths);
    let plain = dense::align(lengths, &costs);
    check(&plain, lengths);
    let runs = |alignment: &Alignment| alignment.beads().iter().map(|bead| bead.runs).collect::<Vec<_>>();
    assert_eq!(runs(&whole), runs(&plain));

    let steps = n.max(m).max(1);
    let diagonal: Vec<_> = (0..=steps).map(|step| (step * n / steps, step * m / steps)).collect();
    let band = Band::around(&diagonal, 1 + usize::from(*width) % 5);
    check(&banded::align(&band, &CostTable::new(&band, &costs)), lengths);
    let pruned = prune(&full, &costs);
    check(&banded::align(&pruned, &costs), lengths);

    let mut beads = Vec::new();
    banded::marginals(&full, &costs, 0.0, |marginal| {
        for probability in [marginal.posterior, marginal.opens_gap] {
            assert!(probability >= 0.0, "{marginal:?}");
        }
        beads.push(marginal.runs);
    });
    beads.extend(runs(&whole));
    let candidates = Candidates::new(beads, lengths);
    let values: Vec<f64> = candidates.beads().iter().map(|&runs| -costs.bead(runs)).collect();
    let marginals = candidates.marginals(&values, -costs.gap_opening());
    for probability in marginals.posteriors.iter().chain(&marginals.openings) {
        assert!((0.0..=1.0).contains(probability), "{probability}");
    }
    let best = candidates.best(&values);
    let mut reached = Both::new(0, 0);
    for number in best {
        let runs = candidates.beads()[number];
        assert_eq!(runs.map(|run| run.start), reached);
        reached = runs.map(|run| run.end);
    }
    assert_eq!(reached, lengths, "the best path does not go to the end");

    pinned(&costs, lengths, rest, usize::from(*n_pinned) % 4);
});

/// Aligns with what is pinned, which must come out.
fn pinned(costs: &Costs<'_>, lengths: Both<usize>, places: &[u8], n_pinned: usize) {
    let run = |one: u8, length: usize| {
        let start = usize::from(one % 16).min(length);
        Run::new(start, (start + usize::from(one / 64)).min(length))
    };
    let of_places = places.as_chunks::<2>().0.iter().take(n_pinned);
    let beads: Vec<_> = of_places
        .map(|&[one, two]| Both::new(run(one, lengths.source), run(two, lengths.target)))
        .filter(|runs| !runs.source.is_empty() || !runs.target.is_empty())
        .collect();
    let Ok(pinned) = Pinned::new(lengths, &beads) else { return };
    let stretch = lengths.map(|length| Run::new(0, length / 2));
    let pinned = pinned.closing(&[stretch]);
    let vector = |at: usize| vec![places.get(at).map_or(f32::NAN, |&byte| f32::from(byte) - 100.0), 1.0];
    let vectors = lengths.map(|length| (0..length).map(vector).collect::<Vec<_>>());
    let vectors = Both::new(vectors.source.as_slice(), vectors.target.as_slice());
    check(&banded::align(&coarse::band(vectors), costs), lengths);
    let cost = KeepingPinned { cost: costs, pinned: &pinned };
    let alignment = pinned.restore(&banded::align(&pinned.band(vectors), &cost));
    check(&alignment, lengths);
}
