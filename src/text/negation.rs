//! The check of negation: whether a translation denies what its source denies.
//!
//! A source that denies something and an English that denies nothing cannot both be right; so much can be told from
//! words alone. How often something is denied cannot: `不能不` is `must`, `没有人不` is `everybody`.

/// Words with a negation in them that deny nothing, or nothing that English denies.
const DENYING_NOTHING: &[&str] = &[
    "不过",
    "不仅",
    "不但",
    "不只",
    "不光",
    "不单",
    "不断",
    "不久",
    "不管",
    "不论",
    "不少",
    "不同",
    "不得不",
    "不禁",
    "不到",
    "不错",
    "不由",
    "不时",
    "不必说",
    "不妨",
    "不愧",
    "不惜",
    "不足",
    "不止",
    "不一",
    "不等",
    "不乏",
    "不懈",
    "不已",
    "不超过",
    "不如",
    "不再",
    "差不多",
    "了不起",
    "不好意思",
    "对不起",
    "不料",
    "不顾",
    "不幸",
    "不法",
    "不满",
    "不良",
    "没错",
    "不失",
    "没收",
    "没落",
    "淹没",
    "出没",
    "无论",
    "无数",
    "无非",
    "无疑",
    "无人机",
    "无线",
    "非常",
    "非洲",
    "除非",
    "是非",
    "不可开交",
    "非法",
    "未来",
    "未免",
    "莫非",
    "莫过于",
    "莫斯科",
    "否则",
    "说不定",
    "好不容易",
    "不知",
    "数不清",
    "没过多久",
    "没多久",
    "不一会儿",
    "不约而同",
    "不谋而合",
    "不可",
    "不接下气",
    "动不动",
    "忍不住",
    "不绝",
    "不动声色",
    "少不了",
    "免不了",
    "不停",
    "没好气",
    "没了",
    "没有了",
    "过意不去",
    "不好说",
    "不低于",
    "不少于",
    "不亚于",
    "不妙",
    "不满足",
    "不住",
    "未必",
    "不出声",
    "不得了",
    "不用说",
    "不见",
    "不在乎",
    "不慎",
    "不利",
    "不便",
    "不安",
    "不适",
    "不公",
    "不当",
    "不力",
    "不均",
    "不畅",
    "没准",
];

/// Questions that offer both, and polite ones; `怕不怕` and its like are told by their form.
const QUESTIONS: &[&str] = &["有没有", "可不可以", "是否", "能否", "可否", "吗", "没有？", "没有?", "了没"];

/// Words that deny, alone or in front of another.
const NEGATIONS: [char; 3] = ['不', '没', '未'];
const DENYING: &[&str] =
    &["无法", "无权", "无需", "无意", "无人", "并非", "绝非", "毫无", "从无", "别再", "请勿", "切勿", "不能", "不要"];

const ENGLISH: &[&str] = &[
    "not",
    "no",
    "never",
    "none",
    "nothing",
    "nobody",
    "nowhere",
    "neither",
    "nor",
    "without",
    "cannot",
    "hardly",
    "barely",
    "scarcely",
    "seldom",
    "rarely",
    "fail",
    "fails",
    "failed",
    "failing",
    "failure",
    "refuse",
    "refuses",
    "refused",
    "refusing",
    "refusal",
    "deny",
    "denies",
    "denied",
    "lack",
    "lacks",
    "lacked",
    "lacking",
    "absence",
    "absent",
    "avoid",
    "avoided",
    "avoiding",
    "prevent",
    "prevented",
    "prevents",
    "banned",
    "prohibit",
    "prohibited",
    "forbid",
    "forbidden",
    "reject",
    "rejected",
    "instead",
    "unless",
    "non",
    "unable",
    "unlike",
    "rather",
    "before",
    "beyond",
    "nope",
    "impossible",
    "illegal",
    "invalid",
    "inadequate",
    "insufficient",
    "inability",
    "incapable",
    "incomplete",
    "irregular",
    "irrelevant",
    "irresponsible",
    "disagree",
    "disagreed",
    "dislike",
    "disliked",
    "disappeared",
    "dissatisfied",
    "disobey",
    "displeased",
    "missed",
    "miss",
    "stop",
    "stopped",
];

/// Beginnings of words that deny, and of some that only look like it.
const BEGINNING: &str = "un";
const LOOKING_LIKE_IT: &[&str] = &["under", "uni", "until", "unto", "uncle", "unanim"];

/// Whether the Chinese source denies something and its English translation nothing.
pub fn is_lost(source: &str, text: &str) -> bool {
    denies_in_chinese(&super::to_simplified(source)) && !denies_in_english(text)
}

fn denies_in_chinese(source: &str) -> bool {
    let characters: Vec<char> = source.chars().collect();
    let offers_both = characters.windows(3).any(|three| three[0] == three[2] && "不没".contains(three[1]));
    if offers_both || QUESTIONS.iter().any(|question| source.contains(question)) {
        return false;
    }
    let mut rest = source.to_owned();
    for word in DENYING_NOTHING.iter().filter(|word| source.contains(**word)) {
        rest = rest.replace(word, "　");
    }
    rest.contains(NEGATIONS) || DENYING.iter().any(|word| rest.contains(word)) || forbids(&rest)
}

/// Whether a clause begins with `别`, as it does where something is forbidden.
fn forbids(source: &str) -> bool {
    let mut clauses = source.split(|c: char| !c.is_alphanumeric());
    let others = ["别人", "别的", "别墅", "别处", "别离", "别说", "别看"];
    clauses.any(|clause| clause.starts_with('别') && !others.iter().any(|other| clause.starts_with(other)))
}

fn denies_in_english(text: &str) -> bool {
    let text = text.to_lowercase().replace('’', "'");
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    words.any(|word| {
        let is_made = || word.starts_with(BEGINNING) && !LOOKING_LIKE_IT.iter().any(|other| word.starts_with(other));
        word.ends_with("n't") || word.ends_with("less") || ENGLISH.contains(&word) || is_made()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negation_is_lost_where_the_english_denies_nothing() {
        for (source, text, expected) in [
            ("我不想去。", "I want to go.", true),
            ("我不想去。", "I don't want to go.", false),
            ("他没有回答。", "He answered.", true),
            ("他没有回答。", "He gave no answer.", false),
            ("她尚未到達。", "She has arrived.", true),
            ("这并非事实。", "This is a fact.", true),
            ("这不可能。", "This is impossible.", false),
            ("他不得不走。", "He had to go.", false),
            ("不过，他来了。", "However, he came.", false),
            ("你能不能来？", "Can you come?", false),
            ("未来属于非洲。", "The future belongs to Africa.", false),
            ("天没亮就来了。", "They came before dawn.", false),
            ("请勿吸烟。", "Please smoke.", true),
            ("要吵出去吵，别当着孩子的面。", "If you want to fight, do it in front of the child.", true),
            ("别人来了。", "Others came.", false),
            ("你怕不怕？", "Are you afraid?", false),
            ("他来了。", "He came.", false),
        ] {
            assert_eq!(is_lost(source, text), expected, "{source} | {text}");
        }
    }
}
