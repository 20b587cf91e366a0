//! Tokenisation: text ⇄ the numbered SentencePiece pieces that the models know.
//!
//! A model directory holds two `SentencePiece` models (`source.spm` for Chinese, `target.spm` for English) and the
//! joint vocabulary `vocab.json` that numbers their pieces. The translator and the static embeddings read text
//! through the same [`Tokenizer`], so that a piece means one thing everywhere. Chinese is brought to simplified
//! script first: the models are trained so. Nothing here fails after loading; text of any kind has pieces, if only
//! unknown ones.

mod lattice;
mod normal;
mod sentencepiece;
mod trie;
mod wire;

use std::{borrow::Cow, collections::HashMap, fs, path::Path, sync::Arc};

use self::{lattice::Pieces, normal::Normaliser, sentencepiece::ModelFile};
use crate::{
    both::Both,
    error::{Cause, Error, Result},
    manifest::BundleFile,
    text::{Lang, to_simplified},
};

/// The number of a piece in the joint vocabulary.
pub type PieceId = u32;

/// What the pieces of each sentence have, by the sentences' numbers of pieces; of the last there may be fewer, where a
/// model reads no further.
pub(crate) fn by_sentence<T>(all: &[T], lengths: impl Iterator<Item = usize>) -> impl Iterator<Item = &[T]> {
    let mut rest = all;
    lengths.map(move |length| {
        let (own, after) = rest.split_at(length.min(rest.len()));
        rest = after;
        own
    })
}

const VOCABULARY: BundleFile = BundleFile::Vocabulary;

/// The names that the vocabulary gives to the end of a sentence, to unknown text and to padding.
const END: &str = "</s>";
const UNKNOWN: &str = "<unk>";
const PADDING: &str = "<pad>";

/// The character that `SentencePiece` writes for a space.
const SPACE: char = '\u{2581}';

/// A tokenizer for both languages, which cuts text into pieces and joins pieces to text.
pub struct Tokenizer {
    models: Both<Arc<Model>>,
    ids: HashMap<String, PieceId>,
    texts: Vec<String>,
    end: PieceId,
    unknown: PieceId,
    padding: PieceId,
}

impl Tokenizer {
    /// Reads `source.spm`, `target.spm` and `vocab.json` of a model directory. Fails if one is missing or damaged.
    pub fn load(dir: &Path) -> Result<Self> {
        let ids = vocabulary(dir)?;
        let texts = numbered(&ids).map_err(|what| Error::model(dir, format!("`{VOCABULARY}` {what}")))?;
        let special = |name: &str| {
            let missing = || Error::model(dir, format!("`{VOCABULARY}` has no `{name}`"));
            ids.get(name).copied().ok_or_else(missing)
        };
        Ok(Self {
            models: both_models(dir)?,
            end: special(END)?,
            unknown: special(UNKNOWN)?,
            padding: special(PADDING)?,
            ids,
            texts,
        })
    }

    /// The number of pieces in the vocabulary; every id is below it.
    pub fn size(&self) -> usize {
        self.texts.len()
    }

    /// The piece that ends a sentence. [`Self::encode`] does not write it.
    pub fn end(&self) -> PieceId {
        self.end
    }

    /// The piece that stands for text outside the vocabulary.
    pub fn unknown(&self) -> PieceId {
        self.unknown
    }

    /// The piece that fills up a batch and starts a translation.
    pub fn padding(&self) -> PieceId {
        self.padding
    }

    /// The texts of all pieces by their ids, `▁` for a space.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The pieces of `text`, without an end mark; none for white space. Time grows linearly with the text.
    pub fn encode(&self, text: &str, lang: Lang) -> Vec<PieceId> {
        let words = text.split(is_space).filter(|word| !word.is_empty());
        let text = words.collect::<Vec<_>>().join(" ");
        let (text, model) = match lang {
            Lang::Zh if !text.is_ascii() => (Cow::Owned(to_simplified(&text)), &self.models.source),
            Lang::Zh => (Cow::Borrowed(text.as_str()), &self.models.source),
            Lang::En => (Cow::Borrowed(text.as_str()), &self.models.target),
        };
        let normal = model.normaliser.normalise(&text);
        let id = |piece: &str| self.ids.get(piece).copied().unwrap_or(self.unknown);
        model.pieces.cut(&normal).iter().map(|piece| id(piece)).collect()
    }

    /// The text of pieces. Ids outside the vocabulary and the three special pieces add nothing.
    pub fn decode(&self, ids: &[PieceId]) -> String {
        let special = [self.end, self.unknown, self.padding];
        let spoken = ids.iter().filter(|id| !special.contains(id));
        let joined: String = spoken.filter_map(|&id| self.texts.get(id as usize)).map(String::as_str).collect();
        joined.replace(SPACE, " ").trim().to_owned()
    }
}

/// The `SentencePiece` model of a language.
struct Model {
    normaliser: Normaliser,
    pieces: Pieces,
}

/// White space as Python sees it, which has the training text: the separators of ASCII are part of it.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

fn vocabulary(dir: &Path) -> Result<HashMap<String, PieceId>> {
    let cannot = |cause| Error::model_because(dir, format!("cannot read `{VOCABULARY}`"), cause);
    let bytes = fs::read(dir.join(VOCABULARY)).map_err(cannot)?;
    let no_table =
        |cause| Error::model_because(dir, format!("`{VOCABULARY}` is no table of pieces and their numbers"), cause);
    serde_json::from_slice(&bytes).map_err(no_table)
}

/// The pieces in the order of their numbers, which must be 0, 1, 2, …
fn numbered(ids: &HashMap<String, PieceId>) -> std::result::Result<Vec<String>, String> {
    let mut texts = vec![None; ids.len()];
    #[expect(clippy::iter_over_hash_type, reason = "each has a place of its own; of several faults any is told")]
    for (text, &id) in ids {
        match texts.get_mut(id as usize) {
            None => return Err(format!("has {} pieces, but numbers `{text}` {id}", ids.len())),
            Some(Some(other)) => return Err(format!("gives {id} to both `{text}` and `{other}`")),
            Some(free) => *free = Some(text.clone()),
        }
    }
    Ok(texts.into_iter().flatten().collect())
}

/// The models of both sides; where the files are alike, as in a jointly trained bundle, one model serves both.
fn both_models(dir: &Path) -> Result<Both<Arc<Model>>> {
    let read = |file: BundleFile| {
        fs::read(dir.join(file)).map_err(|cause| Error::model_because(dir, format!("cannot read `{file}`"), cause))
    };
    let load = |file: BundleFile, content: &[u8]| {
        let damaged = |cause: Cause| Error::model_because(dir, format!("`{file}` is no SentencePiece model"), cause);
        let model = ModelFile::read(content).map_err(|cause| damaged(cause.into()))?;
        let pieces = Pieces::new(model.pieces).map_err(damaged)?;
        let normaliser = Normaliser::new(model.normalisation).map_err(damaged)?;
        Ok(Arc::new(Model { normaliser, pieces }))
    };
    let (source, target) = (read(BundleFile::SourcePieces)?, read(BundleFile::TargetPieces)?);
    let model = load(BundleFile::SourcePieces, &source)?;
    let other = if source == target { Arc::clone(&model) } else { load(BundleFile::TargetPieces, &target)? };
    Ok(Both::new(model, other))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static BUNDLED: LazyLock<Tokenizer> =
        LazyLock::new(|| Tokenizer::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap());

    fn texts(text: &str, lang: Lang) -> Vec<&'static str> {
        let ids = BUNDLED.encode(text, lang);
        ids.iter().map(|&id| BUNDLED.texts()[id as usize].as_str()).collect()
    }

    #[test]
    fn pieces_joined_again_are_the_text() {
        let tokenizer = &BUNDLED;
        for text in ["The committee will meet again on 12 May 2031.", "“No,” she said, “it isn't.”"] {
            let ids = tokenizer.encode(text, Lang::En);
            assert_eq!(tokenizer.decode(&ids), text);
        }
    }

    #[test]
    fn digits_are_single_pieces_in_every_width() {
        for text in ["2031", "２０３１"] {
            assert_eq!(texts(text, Lang::Zh), ["▁", "2", "0", "3", "1"]);
        }
    }

    #[test]
    fn traditional_and_simplified_script_have_the_same_pieces() {
        let tokenizer = &BUNDLED;
        let simplified = tokenizer.encode("图书馆的开放时间变了。", Lang::Zh);
        assert_eq!(tokenizer.encode("圖書館的開放時間變了。", Lang::Zh), simplified);
    }

    #[test]
    fn white_space_at_the_ends_and_in_runs_changes_nothing() {
        let tokenizer = &BUNDLED;
        let plain = tokenizer.encode("a quiet street", Lang::En);
        assert_eq!(tokenizer.encode("\u{3000} a \t quiet\u{a0}\r\n street  ", Lang::En), plain);
        assert!(tokenizer.encode(" \u{3000}\n", Lang::Zh).is_empty());
    }

    #[test]
    fn special_names_in_the_text_are_text() {
        let tokenizer = &BUNDLED;
        let ids = tokenizer.encode("a </s> b <pad> c <unk> d", Lang::En);
        assert!(!ids.contains(&tokenizer.end()) && !ids.contains(&tokenizer.padding()));
    }

    #[test]
    fn a_run_of_unknown_characters_is_one_unknown_piece() {
        let tokenizer = &BUNDLED;
        let ids = tokenizer.encode("🜁🜂🜃", Lang::Zh);
        assert_eq!(ids.iter().filter(|&&id| id == tokenizer.unknown()).count(), 1);
    }

    #[test]
    fn vocabularies_with_gaps_or_doubles_are_refused() {
        let ids = |pairs: &[(&str, PieceId)]| pairs.iter().map(|&(text, id)| (text.to_owned(), id)).collect();
        assert!(numbered(&ids(&[("a", 0), ("b", 2)])).unwrap_err().contains("numbers `b` 2"));
        assert!(numbered(&ids(&[("a", 1), ("b", 1)])).unwrap_err().contains("gives 1 to both"));
        assert_eq!(numbered(&ids(&[("a", 1), ("b", 0)])).unwrap(), ["b", "a"]);
    }
}
