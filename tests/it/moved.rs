//! Text that stands elsewhere in the translation, with canned translations in place of the model.

use mtalign::{
    aligner::{self, Settings, Tables},
    both::Both,
    document::{AlignedDocument, Document},
    ingest::{self, Layout},
    translate::canned::{Canned, CannedTagger},
};

/// A story, with the English that the canned translator makes of it.
const STORY: [(&str, &str); 9] = [
    ("春天来了，河边的柳树发了芽。", "Spring came, and the willows by the river put out buds."),
    ("孩子们在草地上放风筝。", "Children flew kites on the grass."),
    ("夏天的晚上，老人们坐在院子里乘凉。", "On summer evenings the old people sat in the courtyard to enjoy the cool."),
    ("他们讲起年轻时在船上做工的故事。", "They told stories of working on boats when they were young."),
    ("秋天，果园里的苹果熟了。", "In autumn the apples in the orchard were ripe."),
    (
        "人们忙着把苹果装进箱子，运到城里去卖。",
        "People were busy packing them into boxes and taking them to the city to sell.",
    ),
    (
        "冬天下了一场大雪，村口的路被封住了。",
        "In winter there was a heavy snowfall, and the road at the entrance to the village was blocked.",
    ),
    ("邮递员三天没有来。", "The postman did not come for three days."),
    ("图一：村子和河流的地图。", "Figure 1: A map of the village and the river."),
];

/// The document whose Chinese is the story in its order, and whose English is that of these sentences.
fn story(order: &[usize]) -> Document {
    let zh = STORY.map(|(zh, _)| zh).join("\n\n");
    let en = order.iter().map(|&index| STORY[index].1).collect::<Vec<_>>().join("\n\n");
    ingest::from_texts("story", Both::new(&zh, &en), Layout::Prose).unwrap()
}

fn aligned(order: &[usize]) -> AlignedDocument {
    let table = STORY.map(|(zh, en)| format!("{zh}\t{en}")).join("\n");
    let document = story(order);
    let tables = Tables::load("models/zh-en").unwrap();
    let mut translator = Canned::parse("table", &table).unwrap();
    let mut tagger = CannedTagger::new(&table, tables.tokenizer());
    let mut models = tables.models(&mut translator, Some(&mut tagger));
    aligner::run(&document, &Settings::default(), &mut models, &()).unwrap()
}

/// The moved pairs, by the numbers of their sentences in the story, each with the place of its English.
fn moved(order: &[usize]) -> Vec<(usize, usize)> {
    moved_in(&aligned(order))
}

fn moved_in(document: &AlignedDocument) -> Vec<(usize, usize)> {
    let sides = document.coverage.sides.as_ref();
    assert_eq!(sides.map(|side| side.sentences.missing()), sides.map(|side| side.uncovered.len()));
    assert!(document.coverage.moved.iter().all(|bead| (0.5..=1.0).contains(&bead.confidence)));
    let of = |bead: &mtalign::bead::Bead| bead.runs.source.range().zip(bead.runs.target.range()).collect::<Vec<_>>();
    document.coverage.moved.iter().flat_map(of).collect()
}

#[test]
fn a_paragraph_that_was_moved_is_found_and_covered() {
    // The autumn comes first.
    assert_eq!(moved(&[4, 5, 0, 1, 2, 3, 6, 7, 8]), [(4, 0), (5, 1)]);
    // The spring comes last.
    assert_eq!(moved(&[2, 3, 4, 5, 6, 7, 8, 0, 1]), [(0, 7), (1, 8)]);
    assert_eq!(aligned(&[4, 5, 0, 1, 2, 3, 6, 7, 8]).coverage.sides.map(|side| side.uncovered), Both::default());
}

#[test]
fn of_two_paragraphs_that_were_swapped_one_stays_and_the_other_was_moved() {
    for order in [
        [2, 3, 0, 1, 4, 5, 6, 7, 8],
        [0, 1, 2, 3, 6, 7, 4, 5, 8],
        [0, 3, 4, 1, 2, 5, 6, 7, 8],
        [3, 4, 5, 0, 1, 2, 6, 7, 8],
        [0, 1, 2, 6, 7, 8, 3, 4, 5],
    ] {
        let out_of_place = |index: &usize| order[*index] != *index;
        let swapped: Vec<usize> = (0..order.len()).filter(out_of_place).collect();
        let place = |index: usize| order.iter().position(|&other| other == index).unwrap();
        let found = moved(&order);
        let is_half = |half: &[usize]| found == half.iter().map(|&index| (index, place(index))).collect::<Vec<_>>();
        assert!(swapped.chunks(swapped.len() / 2).any(is_half), "{order:?}: {found:?}");
    }
}

/// The canned evidence, all or nothing, tells no swap of what stands side by side here.
#[cfg(feature = "marian")]
#[test]
fn of_two_paragraphs_that_were_swapped_the_bundle_tells_one_too() {
    let mut aligner = mtalign::Aligner::load("models/zh-en").unwrap();
    let found = moved_in(&aligner.align_document(&story(&[0, 1, 4, 5, 2, 3, 6, 7, 8])).unwrap());
    assert!(found == [(2, 4), (3, 5)] || found == [(4, 2), (5, 3)], "{found:?}");
}

#[test]
fn a_caption_or_a_note_that_stands_elsewhere_is_found() {
    assert_eq!(moved(&[0, 1, 8, 2, 3, 4, 5, 6, 7]), [(8, 2)]);
}

#[test]
fn where_nothing_was_moved_nothing_is_found() {
    assert_eq!(moved(&[0, 1, 2, 3, 4, 5, 6, 7, 8]), []);
    // What one side lacks stands nowhere.
    assert_eq!(moved(&[0, 1, 2, 3, 6, 7, 8]), []);
    // Each side lacks something else.
    let document = aligned(&[0, 1, 4, 5, 6, 7]);
    assert_eq!(document.coverage.moved, []);
    assert_eq!(document.coverage.sides.source.uncovered, [2, 3, 8]);
}
