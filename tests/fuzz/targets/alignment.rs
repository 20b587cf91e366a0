//! Alignments as others write them: ladders, indices, links, and the scores of two against each other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mtalign::evaluate::{
    calibration,
    read::{parse, parse_with_confidence},
    score,
};
use mtalign_fuzz::parted;

fuzz_target!(|data: &[u8]| {
    let (gold, test) = parted(data);
    let [gold, test] = [gold, test].map(String::from_utf8_lossy);
    let links = [&gold, &test].map(|text| parse("a.align", text));
    for link in links.iter().flatten().flatten() {
        for ids in [&link.source, &link.target] {
            assert!(ids.is_sorted_by(|one, two| one < two), "{ids:?}");
        }
    }
    if let Ok(beads) = parse_with_confidence("a.index", &test) {
        assert!(beads.iter().all(|(_, confidence)| (0.0..=1.0).contains(confidence)));
        if let Ok(gold) = &links[0] {
            let _ = calibration(gold, &beads);
        }
    }
    if let [Ok(gold), Ok(test)] = links {
        for (name, tally) in score(&gold, &test).named() {
            assert!(tally.right <= tally.test && tally.found <= tally.gold, "{name}: {tally:?}");
            for share in [tally.precision(), tally.recall(), tally.f1()].into_iter().flatten() {
                assert!((0.0..=1.0).contains(&share), "{name}: {share}");
            }
        }
    }
});
