//! Where Chinese sentences end, by examples.

use super::*;

/// Checks that the text, without the bars, is cut where the bars are.
fn check(cases: &[&str]) {
    for case in cases {
        let text = case.replace('|', "");
        let mut marked = text.clone();
        for end in sentence_ends(&text).into_iter().rev().filter(|&end| end < text.len()) {
            marked.insert(end, '|');
        }
        assert_eq!(marked, *case);
    }
}

#[test]
fn every_terminator_ends_a_sentence_and_runs_of_them_stay_together() {
    check(&[
        "天黑了。|下雨了！|谁来了？|没有人；|只有风。",
        "真的？！|当然！！！|好。",
        "他想了很久都没有说话……|天亮了。",
        "我们就这样等了一夜…|天亮了。",
        "第一，时间：三天；|第二，钱",
        "天黑了。 下雨了。".replace(' ', "| ").as_str(),
    ]);
}

#[test]
fn half_width_marks_end_a_sentence_after_chinese() {
    check(&[
        "天黑了.|下雨了!|谁来了?|没人;|好.",
        "天黑了,雨停了.| 走吧.",
        "价格是3.14元,版本v2.0,见file.txt和www.abc.com。|完",
        "总部在U.S.的公司和A.B.先生都来了。|好",
        "见 https://a.b/c?d=e&f;g 一页。|好",
        "一. 概述",
        "涨了５．６％。|好",
        "写成. . .的样子。|好",
    ]);
}

#[test]
fn closing_quotes_and_brackets_stay_with_their_sentence() {
    check(&[
        "他说：“你好。”|她笑了。",
        "他说：「你好！」|她笑了。",
        "他说：“她说：‘好。’”|然后他走了。",
        "他说:\"你好。\"|她笑了。",
        "（他走了。）|她笑了。",
        "他走了（真的！）。|她笑了。",
        "他说：“不会。 ”|她笑了。",
        "“小心？”|“是的。”",
    ]);
}

#[test]
fn a_sentence_that_goes_on_behind_its_quote_is_not_cut() {
    check(&[
        "“你好。”他说。|她笑了。",
        "“你好。我走了。”他说。|她笑了。",
        "“走吧！”老人叹了口气，说道。|她笑了。",
        "“走吗？”她问。|“走！”他答道。",
        "“你好，”他说，“我走了。|天黑了。”|她笑了。",
        "他喊“救命！快来！”的时候没有人听见。|她笑了。",
        "《你好！李焕英》是一部电影。|她看过。",
        "《怎么办？》这本书很旧。|她看过。",
        "他（你猜是谁？是我。）来了。|她笑了。",
        "“走！”——他喊。|她笑了。",
        "他说：“你好?|请坐。”|她一面走一面说话。",
        "这是旧说（李，1999；王，2003；张，2005）的要点。|好",
        "『好。』「什么？」他问。".replace("『好。』", "『好。』|").as_str(),
    ]);
}

#[test]
fn speech_that_ends_its_sentence_is_cut_into_sentences() {
    check(&["他说：“你好。|我走了。|天黑了。”|她笑了。", "“天黑了。|我走了。”", "「天黑了。|走吧！」"]);
}

#[test]
fn a_quote_without_an_end_swallows_nothing() {
    check(&["他说：“你好。|我走了。|她笑了。", "你好。”|他走了。|（她笑了。|天黑了。"]);
    let long = format!("“{}”他说。", "天黑了。".repeat(40));
    assert_eq!(sentence_ends(&long).len(), 40, "39 inside the quote, and the end");
}

#[test]
fn an_ellipsis_ends_a_sentence_but_not_a_stammer() {
    check(&[
        "我……我不知道。|好。",
        "这个……那个……什么……",
        "他说：“我没有……”|她笑了。",
        "我从来没有见过他……可是他认识我。".replace("……", "……|").as_str(),
        "各种各样的苹果、梨、桃……的价格都涨了。",
        "等等...我来了。|好。",
    ]);
}

#[test]
fn a_remark_in_brackets_after_the_last_sentence_stands_alone() {
    check(&["春天来了。|(完)", "春天来了。|（完）", "春天来了。|(完)| 编辑：李明", "他来了。|（1） 第二点在这里。"]);
}

#[test]
fn long_runs_are_gone_through_once() {
    const MANY: usize = 400_000;
    let numbers = format!("{}{}", "一".repeat(MANY / 4), "一.，".repeat(MANY / 4));
    for (text, least) in [
        (format!("好{}好", "…".repeat(MANY)), 0),
        ("…".repeat(MANY), 1),
        (format!("好{}。", "1".repeat(MANY)), 1),
        (format!("好。{}好。", " ".repeat(MANY)), 2),
        (format!("好。{}好。", "”".repeat(MANY)), 1),
        (numbers, 0),
    ] {
        let ends = sentence_ends(&text);
        assert!(ends.len() >= least && ends.windows(2).all(|pair| pair[0] < pair[1]), "{} ends", ends.len());
    }
}

#[test]
fn a_line_break_ends_nothing() {
    check(&["今天的天气\n很好。|\n明天也\r\n一样。"]);
}
