//! The golden cases as a data set: what was aligned is filtered, divided by document and written.

use std::collections::{BTreeMap, BTreeSet};

use mtalign::dataset::{Builder, Settings, Shares, Split, aligned::candidates};
use serde_json::Value;

use crate::{golden, support::Folder};

#[test]
fn aligned_documents_become_a_data_set_each_in_one_split() {
    let folder = Folder::new();
    let shares = Shares { validation: 0.2, test: 0.2 };
    let settings = Settings { shares, min_confidence: 0.9, ..Settings::default() };
    let mut builder = Builder::create(&folder.path("set"), false, settings).unwrap();
    let (mut pairs, mut unsure) = (0, 0);
    golden::for_each_case(|_, _, aligned| {
        for candidate in candidates(aligned) {
            pairs += 1;
            unsure += usize::from(candidate.confidence.unwrap() < 0.9);
            builder.add(candidate).unwrap();
        }
    });
    let report = builder.finish().unwrap();
    assert_eq!(report.read, pairs);
    assert!(report.dropped.values().sum::<usize>() >= unsure, "{:?}", report.dropped);
    assert_eq!(report.statistics.pairs() + report.dropped.values().sum::<usize>(), pairs);

    let mut splits: BTreeMap<String, BTreeSet<Split>> = BTreeMap::new();
    for split in Split::ALL {
        for line in folder.read(&format!("set/jsonl/{split}.jsonl")).lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert!((0.9..=1.0).contains(&line["confidence"].as_f64().unwrap()), "{line}");
            splits.entry(line["doc"].as_str().unwrap().to_owned()).or_default().insert(split);
        }
    }
    assert!(splits.values().all(|splits| splits.len() == 1), "{splits:?}");
    assert!(splits.len() > 10, "{splits:?}");
}
