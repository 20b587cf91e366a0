"""Lines on which two tokenizers are likely to differ: ours by hand, and characters thrown together.

Out: the same lines in the same order on every run; line breaks may be part of a line.
"""

import random

BY_HAND = (
    "",
    " ",
    "\u3000\t \u00a0",
    "  two  spaces   and\tone tab  ",
    "\u3000\u3000段落的开头有两个全角空格。",
    "a\u2028b\u2029c\u0085d\ve\ff",
    "a\x1cb\x1dc\x1ed\x1fe",
    "null\x00bell\x07escape\x1bdelete\x7f.",
    "line\r\nbreak\rinside\n",
    "zero\u200bwidth\u200cand\u200djoined\u2060words",
    "\ufeff文件开头的标记",
    "soft\u00adhyphen and non\u2011breaking hyphen",
    "left\u200eto\u200fright\u202aand\u202cback",
    "ideographic\u3000space, narrow\u202fspace, thin\u2009space",
    "ＦＵＬＬ－ＷＩＤＴＨ　ｌｅｔｔｅｒｓ，１２３４５６７８９０％",
    "！＂＃＄％＆＇（）＊＋，－．／：；＜＝＞？＠［＼］＾＿｀｛｜｝～",
    "～〜~∼˜ 五种波浪线",
    "ｱｲｳｴｵ ｶﾞｷﾞ ﾊﾟﾋﾟ ﾞ ﾟ",
    "ﬁne ﬂow oﬃce ﬅ ﬆ",
    "① ⑳ ⒈ ⒛ ⓪ ㊀ ㈠ ㍿ ㏂ ㎏ ㎡ ㏒ № ℡ ™ ℃ Ⅻ ⅷ",
    "½ ⅓ ¼ x² y₃ 10⁻⁶ ª º",
    "e\u0301 é  a\u030a å  n\u0303 ñ  o\u0323\u0302 ộ",
    "각 \u1100\u1161\u11a8 가나다",
    "ẛ̣ ſ ß ẞ İ ı Ǆ ǅ ǆ",
    "“弯引号”‘单’「直角」『双』«guillemets» \"straight\" 'single'",
    "……——…—–‐‑-−―",
    "3.14159 1,000,000 1 000 000 0x1F 1e-9 12:30 2031-05-12 ½",
    "两千零三十一年五月十二日，二〇三一年，一百二十亿零三百万",
    "１２３万４５６７．８９元",
    "图书馆在2031年关门。",
    "圖書館在２０３１年關門。",
    "乾坤、乾杯、乾隆、頭髮、發展、皇后、後面、里程、裏面、瞭解、瞭望",
    "沈默、沈船、沈從文、沉默、藉口、狼藉、答覆、覆蓋、計畫、項鍊、鍾馗",
    "著作、著急、看著、干部、乾燥、幹事、隻身、只有、麼、麽、么",
    "𠀀𠮷𡃁𢊿𣎴𤭢 扩展区",
    "豈更車賈滑串句 兼容汉字",
    "丶丿乀乁乂 ⺀⺁ ⼀⼁ 部首",
    "ㄅㄆㄇ ㄧㄨㄩ ˊˇˋ˙",
    "ひらがなとカタカナ、日本語。",
    "한국어 문장입니다.",
    "مرحبا بالعالم ١٢٣",
    "שלום עולם",
    "नमस्ते दुनिया १२३",
    "สวัสดีชาวโลก",
    "Привет, мир! Ελληνικά",
    "👍 👍🏽 👨‍👩‍👧‍👦 🇨🇳🇳🇿 ❤️ ❤ ☺︎ 1️⃣ #️⃣",
    "😀😃😄😁😆",
    "好👍好😀好",
    "</s>",
    "a </s> b <pad> c <unk> d <s> e",
    "<unk><unk>",
    "▁underscore▁like▁space",
    "▁",
    "_ __ ___",
    "<b>bold</b> &amp; &lt;tag&gt; &#x4e2d;",
    "https://example.org/a_b/c?d=e&f=%E4%B8%AD#g",
    "user.name+tag@example.org",
    "C:\\Users\\名字\\文件.txt",
    'fn main() { println!("{}", 1 << 3); }',
    "`code` **bold** [link](target) | table |",
    "SCREAMING_SNAKE camelCase PascalCase kebab-case",
    "Donaudampfschifffahrtsgesellschaftskapitänsmütze",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "很很很很很很很很很很很很很很很很很很很很",
    "。。。。！！！！？？？？，，，，",
    "x" * 300,
    "天地玄黄宇宙洪荒" * 20,
    "a b c d e f g h i j k l m n o p",
    "一 二 三 四 五",
    "中文English混排without空格2031年Q4",
    "Ｔ恤、Ｘ光、Ａ４纸、ＡＡ制",
    "\ue000\uf8ff 私用区 \U000f0000\U0010ffff",
    "\u0378\u0380\uffff 未定义",
    "\ufffd替换符\ufffd",
    "\u0301 a lone accent",
    "\u20dd\u0488 enclosing marks",
    "\ufe0f\ufe0e\u180e selectors",
    "ﷺ ﷽ ﻻ",
    "㌀㌁㌂ ㍻ 🈁🈲 ㊙️",
    "℀ ℅ ⅍ ⁉ ‼ ‥ ′ ″ ‴",
    "˜ ¨ ¯ ´ ¸ ﹋ ﹏ ﹐ ﹑ ﹣ ﹪ 小写变体",
)

RANGES = (
    (0x00, 0x20),
    (0x20, 0x7F),
    (0x7F, 0x250),
    (0x300, 0x370),
    (0x600, 0x700),
    (0x1100, 0x1200),
    (0x2000, 0x2070),
    (0x2070, 0x2C00),
    (0x2E80, 0x3400),
    (0x4E00, 0xA000),
    (0x4E00, 0xA000),
    (0x4E00, 0xA000),
    (0xAC00, 0xD7A4),
    (0xF900, 0xFB00),
    (0xFE00, 0xFFF0),
    (0x1F100, 0x1FB00),
    (0x20000, 0x2A000),
)
"""First character and the one past the last; Han characters are likelier than others."""

THROWN_TOGETHER = 120
LONGEST = 24
SEED = 7


def lines() -> list[str]:
    chance = random.Random(SEED)

    def character() -> str:
        return chr(chance.randrange(*chance.choice(RANGES)))

    junk = [
        "".join(character() for _ in range(chance.randrange(1, LONGEST + 1)))
        for _ in range(THROWN_TOGETHER)
    ]
    return [*BY_HAND, *junk]
