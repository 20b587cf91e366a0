//! Words of a line in Latin letters → whether they are clearly of another language than English.
//!
//! Judged by function words, and only where there are enough words to judge: names and headings stay English, which
//! is what short lines in Latin letters nearly always are beside Chinese text.

/// Words below which nothing is said.
const FEWEST_WORDS: usize = 5;

/// Share of the words that must be function words of another language, for each function word seen.
const FOREIGN_SHARE: f64 = 0.2;

/// Share of letters outside ASCII above which a line without any English function word is foreign (Vietnamese, Czech).
const ACCENTED_SHARE: f64 = 0.08;

/// The most frequent English function words, lower case.
const ENGLISH: &str = " the of and to in is was are were be been that this it its for on with as at by from he she they \
his her their you i we my our your not but have has had will would can could which who what when where there if or an a \
no all one about into than then them him me us so up out do did does said ";

/// Frequent words of French, German, Spanish, Portuguese, Italian and Dutch that are no English words, lower case.
const FOREIGN: [&str; 6] = [
    " le la les des du et est une dans que qui pour pas au aux avec sur ce cette il elle sont nous vous ne se par ont \
été être mais leur d l c j qu n s ",
    " der und das nicht ist ein eine einen einem mit von auf für sich des dem den auch wird werden im zum zur ich sie er \
wir es dass bei nach aus haben hat sind ",
    " el la los las una del que y en es por con para se su lo está no al como más pero sus le ha fue son ",
    " o os uma do da dos das que e em é por com para se não na ao como mais mas foi são seu sua ",
    " il lo gli una della di che e è per con non del dei delle nel sono si come ma alla più questo ",
    " de het een van en dat niet op te zijn met voor er aan ook worden wordt naar bij maar uit ",
];

/// Whether `word`, in lower case, is an English function word.
pub(super) fn is_english_function_word(word: &str) -> bool {
    lists(ENGLISH, word.split('\'').next().unwrap_or_default())
}

/// Whether `word`, in lower case, is a function word of `list`. A single letter is one before an apostrophe alone (`l'eau`):
/// elsewhere it is a unit, a grade, a programming language.
fn is_foreign_function_word(list: &str, word: &str) -> bool {
    match word.split_once('\'') {
        Some((article, _)) => lists(list, article),
        None => word.chars().nth(1).is_some() && lists(list, word),
    }
}

/// Whether the lower-case words of a line are clearly not English.
pub(super) fn is_foreign(words: &[String]) -> bool {
    if is_pinyin(words) {
        return true;
    }
    if words.len() < FEWEST_WORDS {
        return false;
    }
    let english = words.iter().filter(|word| is_english_function_word(word)).count();
    let count = |list: &str| words.iter().filter(|word| is_foreign_function_word(list, word)).count();
    let foreign = FOREIGN.iter().map(|list| count(list)).max().unwrap_or(0);
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    let accented = words.iter().flat_map(|word| word.chars()).filter(|c| !c.is_ascii()).count();
    (foreign > english && foreign >= 2 && foreign as f64 >= FOREIGN_SHARE * words.len() as f64)
        || (english == 0 && accented as f64 > ACCENTED_SHARE * letters as f64)
}

/// Whether words are Chinese in Latin letters: most of them with marks of tone, that of the third among them, which no
/// language has that is written beside Chinese.
fn is_pinyin(words: &[String]) -> bool {
    let has_third = words.iter().any(|word| word.contains(|c| "ǎěǐǒǔǚ".contains(c)));
    let with_tone = words.iter().filter(|word| word.contains(|c| "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ".contains(c))).count();
    has_third && 2 * with_tone >= words.len() && !words.iter().any(|word| is_english_function_word(word))
}

fn lists(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_ascii_whitespace().any(|listed| listed == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(line: &str) -> bool {
        let words: Vec<_> = line.split(|c: char| !c.is_alphabetic() && c != '\'').filter(|w| !w.is_empty()).collect();
        is_foreign(&words.iter().map(|word| word.to_lowercase()).collect::<Vec<_>>())
    }

    #[test]
    fn sentences_of_other_languages_are_foreign_and_names_are_not() {
        let cases = [
            ("Le président est arrivé hier à Pékin avec une délégation.", true),
            ("Der Präsident ist gestern mit einer Delegation nach Peking gereist.", true),
            ("El presidente llegó ayer a la capital con una delegación.", true),
            ("O presidente chegou ontem a Pequim com uma delegação do governo.", true),
            ("Il presidente è arrivato ieri con una delegazione del governo.", true),
            ("De president is gisteren met een delegatie naar Peking gereisd.", true),
            ("Tổng thống đã đến Bắc Kinh hôm qua cùng một phái đoàn.", true),
            ("Yuǎn bu yuǎn?", true),
            ("Nǐ hǎo", true),
            ("Tōkyō Bay", false),
            ("José and Nǐ Hǎo", false),
            ("The president arrived in Beijing yesterday with a delegation.", false),
            ("Ludwig van Beethoven, Johannes Brahms, Franz Schubert", false),
            ("President Emmanuel Macron met with Charles de Gaulle's family in La Rochelle.", false),
            ("Reporter: Ana de la Cruz", false),
            ("Breaking News Today", false),
            ("I'm not late, I'm early.", false),
            ("At 20 °C, not at 30 °C, d = 5 and j = 3.", false),
            ("L'homme n'est qu'un roseau d'eau.", true),
        ];
        for (line, expected) in cases {
            assert_eq!(foreign(line), expected, "{line}");
        }
    }
}
