//! What one stage writes, another reads.

use std::collections::BTreeSet;

use mtalign::{
    both::Both,
    evaluate::{Link, read::parse},
    text::Script,
    write::{Origin, Pair, PairWriter, index},
};
use proptest::{collection, prelude::*};

fn ids() -> impl Strategy<Value = BTreeSet<usize>> {
    collection::btree_set(0..999_usize, 0..4)
}

proptest! {
    #[test]
    fn an_index_that_was_written_is_read_back_by_evaluate(
        beads in collection::vec((ids(), ids(), 0.0..1.0), 1..9),
    ) {
        let mut out = Vec::new();
        let mut writer = index::IndexWriter::new(&mut out);
        let mut expected: Vec<Link> = Vec::new();
        for (source, target, confidence) in beads {
            let ids = Both::new(source, target).map(|ids| ids.into_iter().collect());
            let texts = Both::default();
            let (origin, script) = (Origin::Human, Script::Simplified);
            let pair = Pair { doc: "d", texts, ids, confidence, mt: None, mt_flaw: None, origin, script, is_moved: false };
            writer.pair(&pair).unwrap();
            expected.push(pair.ids);
        }
        prop_assert_eq!(parse("d.index", &String::from_utf8(out).unwrap()).unwrap(), expected);
    }
}
