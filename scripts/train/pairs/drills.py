"""Writes pairs on what a small translator gets wrong: names with titles, amounts, negation, headings.

In:  clean pairs (`--clean`, `WORK/clean`), whose names and numbers are exchanged for others.
Out: `PAIRS/drills.tsv`: sentences made of patterns; `PAIRS/varied.tsv`: sentences of the corpora
     with other names and numbers; `PAIRS/rough.tsv`: Chinese without punctuation, or full of spaces.

A person's name is anyone's: surnames and given names are drawn, and read by pinyin. Amounts are
drawn evenly over their sizes and written as Chinese writes them (12万, 一百二十万, 四成, 三分之二).
The same seed writes the same bytes.
"""

import argparse
import itertools
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pypinyin

from pairs.figures import MONTHS, english_number, plain
from pairs.prepare import read_lines

NAMES = Path(__file__).with_name("names.toml")

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕"
    "丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
    "覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符"
    "舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司"
    "卓古吉简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙"
    "荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼"
)
READ_OTHERWISE = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "乐": "le", "任": "ren",
    "华": "hua", "朴": "piao", "盖": "ge", "尉迟": "yuchi", "谌": "chen", "冼": "xian", "佘": "she",
    "覃": "qin", "翟": "zhai", "隋": "sui", "员": "yun", "宁": "ning", "车": "che", "区": "ou",
}  # fmt: skip
"""Surnames whose reading is not the character's usual one, or might be taken for another."""

DOUBLE = {"欧阳": "Ouyang", "司马": "Sima", "上官": "Shangguan", "诸葛": "Zhuge", "夏侯": "Xiahou"}
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉力玲红建国华志成海波宁云飞鹏宇浩然子涵欣怡"
    "梓轩博雨泽一诺思佳俊凯雪梅琳晓燕婷慧颖丹萍洁莉春生荣斌峰龙阳光亮东林森炎鑫焱玉珍凤琴素荷莲菊香"
    "月翠雅芝彩巧美惠珠瑞祥福禄寿康安泰和顺利贵富德仁义礼智信忠孝廉正邦振兴家昌盛庆先绍祖耀宗继承启"
    "守业敬修培植兆丰永恒长久鸿雁翔鹤松柏青山川江河湖清源润涌潮瀚淼溪沛霖雷霆震乾坤天宝金银铜铁石岩"
    "崇岭峻嵩岳昆仑新旭晨曦晖昱昊晴朗皓星辰宸宏大卓越超群冠英雄豪毅坚定立诚实朴淳厚温良恭俭让宽敏学"
    "书琪琦瑶瑾瑜璇珊玮珂珏玥琛璐蕾蓉薇莹菁萱芸苑若兮亦菲依可心语嫣静姝婉娴妍婧媛嘉禾苗秋冬夏春节令"
    "聪颖睿哲谦逊达远航帆舟楠桐梧榕槐杨柳桃李杏梨橙竹笛笙箫弦歌舞诗词赋画墨砚纸笔琴棋乐韵声音响鸣奇"
)

DIGITS = "零一二三四五六七八九"
PLACES_OF_TEN = ("", "十", "百", "千")


def below_ten_thousand(value: int, first: bool) -> str:
    """A part of a number; `first` where nothing stands before it."""
    text, gap = "", False
    for power in range(3, -1, -1):
        digit = value // 10**power % 10
        if digit == 0:
            gap = gap or bool(text)
            continue
        if gap or (not text and not first and power < 3):
            text += "零"
        gap = False
        ten = power == 1 and digit == 1 and not text and first
        text += ("" if ten else DIGITS[digit]) + PLACES_OF_TEN[power]
    return text


def chinese_number(value: int) -> str:
    """A number in Chinese characters: 一百二十万, 两千零五, 三亿."""
    if value == 0:
        return DIGITS[0]
    text = chinese_number(value // 10**8) + "亿" if value >= 10**8 else ""
    for scale, unit in ((10**4, "万"), (1, "")):
        part = value // scale % 10**4
        if part:
            text += below_ten_thousand(part, not text) + unit
    for thousand in ("千", "万", "亿"):
        text = re.sub(f"^二{thousand}", f"两{thousand}", text)
    return text


def scaled(value: int, decimals: int) -> str:
    """A number in digits with 万 or 亿 behind it, as papers write it."""
    for scale, unit in ((10**8, "亿"), (10**4, "万")):
        if value >= scale:
            return plain(round(Decimal(value) / scale, decimals)).replace(",", "") + unit
    return str(value)


ENGLISH_TEN = "zero one two three four five six seven eight nine ten".split()
ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()


def ordinal(value: int) -> str:
    if value <= 10:
        return ORDINALS[value]
    ending = "th" if 10 < value % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def reading(character: str) -> str:
    return pypinyin.lazy_pinyin(character, v_to_u=False)[0].replace("ü", "u").replace("v", "u")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


Pair = tuple[str, str]


class Drill:
    """Draws what the patterns are filled with; every method gives a Chinese and an English text."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        table = tomllib.loads(NAMES.read_text(encoding="utf-8"))
        self.known, self.first, self.last = table["known"], table["first"], table["last"]
        self.countries = [(zh, *names) for zh, names in table["countries"].items()]
        self.state, self.offices, self.roles = table["state"], table["offices"], table["roles"]

    def one(self, table: dict[str, str]) -> Pair:
        return self.random.choice(list(table.items()))

    # people

    def chinese_name(self) -> Pair:
        if self.random.random() < 0.03:
            surname, family = self.one(DOUBLE)
        else:
            surname = self.random.choice(SURNAMES)
            family = capital(READ_OTHERWISE.get(surname) or reading(surname))
        length = 1 if self.random.random() < 0.25 else 2
        given = "".join(self.random.choice(GIVEN) for _ in range(length))
        syllables = pypinyin.lazy_pinyin(given, v_to_u=False)
        english = "".join(syllables).replace("ü", "u").replace("v", "u")
        return surname + given, f"{family} {capital(english)}"

    def foreign_name(self) -> Pair:
        (first, english), (last, family) = self.one(self.first), self.one(self.last)
        if self.random.random() < 0.4:
            return last, family
        return f"{first}·{last}", f"{english} {family}"

    def name(self) -> Pair:
        kind = self.random.random()
        if kind < 0.55:
            return self.chinese_name()
        return self.foreign_name() if kind < 0.8 else self.one(self.known)

    def country(self) -> Pair:
        chinese, english, _ = self.random.choice(self.countries)
        return chinese, english

    def person(self) -> Pair:
        """A name, mostly with an office or a role."""
        name, english = self.name()
        kind = self.random.random()
        if kind < 0.35:
            country, _, adjective = self.random.choice(self.countries)
            title, office = self.one(self.state)
            if country == "中国" and title == "总理":
                office = "Premier"
            return f"{country}{title}{name}", f"{adjective} {office} {english}"
        if kind < 0.5:
            title, office = self.one(self.offices)
            after = title in ("教授", "博士", "医生", "将军", "法官", "主席", "部长", "市长")
            return (f"{name}{title}" if after else f"{title}{name}"), f"{office} {english}"
        if kind < 0.65:
            role, english_role = self.one(self.roles)
            return f"{role}{name}", f"{english_role} {english}"
        if kind < 0.75:
            form, title = self.one({"先生": "Mr.", "女士": "Ms."})
            family = english.split()[0] if "·" not in name else english.split()[-1]
            surname = name.split("·")[-1] if "·" in name else name
            if surname == name and 1 < len(name) <= 3 and name not in self.known:
                if name in self.last:
                    return f"{name}{form}", f"{title} {english}"
                return f"{name[0]}{form}", f"{title} {family}"
            return f"{surname}{form}", f"{title} {english if surname == name else family}"
        return name, english

    # figures

    def amount(self, least: int = 2) -> int:
        """Any size up to some trillion, mostly round, as amounts in texts are."""
        size = self.random.uniform(0.3, 12.5)
        digits = self.random.choice([1, 1, 2, 2, 2, 3, 3, 4])
        value = int(10**size)
        unit = 10 ** max(0, len(str(value)) - digits)
        return max(least, value // unit * unit)

    def number(self) -> Pair:
        value = self.amount()
        forms: list[Callable[[], str]] = [lambda: scaled(value, 2)] * 3
        if len(str(value).rstrip("0")) <= 3:
            forms += [lambda: chinese_number(value)] * 2
        if value < 10**6:
            forms += [lambda: str(value), lambda: f"{value:,}"]
        chinese = self.random.choice(forms)()
        if chinese[0].isdigit() and chinese[-1] in "万亿":  # which was rounded
            value = int(Decimal(chinese[:-1]) * (10**4 if chinese[-1] == "万" else 10**8))
        if value <= 10 and self.random.random() < 0.7:
            return chinese.replace("二", "两", 1) if value == 2 else chinese, ENGLISH_TEN[value]
        return chinese, english_number(Decimal(value))

    def money(self) -> Pair:
        chinese, english = self.number()
        if english == "one":
            english = "two"
            chinese = "两"
        unit, name = self.one(
            {"美元": "US dollars", "元": "yuan", "人民币": "yuan", "欧元": "euros", "英镑": "pounds",
             "日元": "yen", "港元": "Hong Kong dollars", "卢比": "rupees", "韩元": "won",
             "卢布": "rubles", "澳元": "Australian dollars", "块钱": "yuan"}
        )  # fmt: skip
        if unit == "人民币":
            return f"{chinese}元{unit}", f"{english} {name}"
        if unit == "美元" and english[0].isdigit() and self.random.random() < 0.6:
            return f"{chinese}{unit}", f"${english}"
        return f"{chinese}{unit}", f"{english} {name}"

    def count(self) -> Pair:
        chinese, english = self.number()
        things = {
            "人": "people", "名学生": "students", "家企业": "companies", "户家庭": "households",
            "吨粮食": "tons of grain", "辆汽车": "cars", "套住房": "homes", "名工人": "workers",
            "名儿童": "children", "本书": "books", "张门票": "tickets", "台电脑": "computers",
            "棵树": "trees", "亩耕地": "mu of farmland", "公里": "kilometers", "名游客": "tourists",
            "名士兵": "soldiers", "件商品": "items", "份问卷": "questionnaires", "所学校": "schools",
            "次": "times", "天": "days", "个国家": "countries", "名患者": "patients",
        }  # fmt: skip
        unit, name = self.one(things)
        return chinese + unit, f"{english} {name}"

    def share(self) -> Pair:
        kind = self.random.randrange(6)
        tenths = self.random.randint(1, 9)
        if kind == 0:
            half = self.random.random() < 0.3
            chinese = f"{DIGITS[tenths]}成" + ("五" if half else "")
            return chinese, f"{tenths * 10 + 5 * half} percent"
        if kind == 1:
            value = self.random.randint(2, 99)
            return f"百分之{chinese_number(value)}", f"{value} percent"
        if kind == 2:
            low = self.random.choice([3, 4, 5, 10])
            high = self.random.randint(1, low - 1)
            name = {3: "third", 4: "quarter", 5: "fifth", 10: "tenth"}[low]
            english = f"{'one' if high == 1 else ENGLISH_TEN[high]} {name}{'s' * (high > 1)}"
            return f"{chinese_number(low)}分之{DIGITS[high]}", english.replace(" ", "-")
        value = self.random.choice([self.random.randint(2, 99), self.random.randint(1, 999) / 10])
        sign = "％" if self.random.random() < 0.1 else "%"
        return f"{value}{sign}", self.random.choice([f"{value}%", f"{value} percent"])

    def growth(self) -> Pair:
        times = self.random.randint(2, 9)
        word = "两" if times == 2 else DIGITS[times]
        number = self.random.choice([word, str(times)])
        return self.random.choice([
            (f"是去年的{number}倍", f"was {ENGLISH_TEN[times]} times that of last year"),
            (f"增长了{number}倍", f"increased {ENGLISH_TEN[times]}fold" if times > 2 else "tripled"),
            ("翻了一番", "doubled"),
            ("翻了两番", "quadrupled"),
            ("减少了一半", "fell by half"),
            ("超过了一半", "exceeded half"),
            ("同比增长" + (share := self.share())[0], f"grew {share[1]} year on year"),
            ("环比下降" + share[0], f"fell {share[1]} from the previous month"),
            ("比去年下降了" + share[0], f"fell {share[1]} from last year"),
            ("上升到" + share[0], f"rose to {share[1]}"),
            ("下降到" + share[0], f"fell to {share[1]}"),
        ])  # fmt: skip

    def year(self) -> int:
        return self.random.randint(1840, 2035)

    def date(self) -> Pair:
        month, day, year = self.random.randint(1, 12), self.random.randint(1, 31), self.year()
        name, kind = MONTHS[month - 1], self.random.randrange(6)
        day = min(day, 28 if month == 2 else 30)
        mark = self.random.choice("日日日号")
        if kind == 0:
            return f"{year}年{month}月", f"{name} {year}"
        if kind == 1:
            return f"{year}年{month}月{day}{mark}", f"{name} {day}, {year}"
        if kind == 2:
            digits = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(year))
            return (
                f"{digits}年{chinese_number(month)}月{chinese_number(day)}日",
                f"{name} {day}, {year}",
            )
        if kind == 3:
            return f"{month}月{day}{mark}", f"{name} {day}"
        return f"{year}年{month}月{day}{mark}", f"{name} {day}, {year}"

    def clock(self) -> Pair:
        hour = self.random.randint(1, 11)
        part, half = self.one({"上午": "a.m.", "下午": "p.m.", "晚上": "p.m.", "早上": "a.m."})
        minute = self.random.randint(10, 59)
        word = "两" if hour == 2 else chinese_number(hour)
        return self.random.choice([
            (f"{part}{hour}点{minute}分", f"{hour}:{minute} {half}"),
            (f"{part}{hour}时", f"{hour} {half}"),
            (f"{part}{word}点半", f"{hour}:30 {half}"),
            (f"{part}{word}点", f"{hour} {half}"),
            (f"{part}{hour}:{minute}", f"{hour}:{minute} {half}"),
            (f"{part}{word}点一刻", f"{hour}:15 {half}"),
        ])  # fmt: skip

    def turn(self) -> Pair:
        value = self.random.randint(1, 60)
        return self.random.choice([chinese_number(value), str(value)]), ordinal(value)

    # sentences

    def slots(self) -> dict[str, Pair]:
        year = str(self.year())
        decade = self.random.randint(2, 9)
        low = self.random.randint(2, 90)
        high = low + self.random.randint(1, 40)
        (verb, english), (other, english2) = self.random.sample(list(VERBS.items()), 2)
        return {
            "person": self.person(), "person2": self.person(), "name": self.name(),
            "name2": self.name(), "country": self.country(), "country2": self.country(),
            "money": self.money(), "money2": self.money(), "count": self.count(),
            "count2": self.count(), "share": self.share(), "share2": self.share(),
            "growth": self.growth(), "date": self.date(), "clock": self.clock(),
            "turn": self.turn(), "year": (year, year), "low": (str(low), str(low)),
            "high": (str(high), str(high)), "decade": (f"{decade}0", f"{decade}0s"),
            "verb": (verb, english), "verb2": (other, english2), "thing": self.one(THINGS),
            "heading": self.one(HEADINGS), "heading2": self.one(HEADINGS),
            "number": (chinese_number(n := self.random.randint(1, 20)), str(n)),
        }  # fmt: skip

    def pair(self) -> Pair:
        group = self.random.choices(list(PATTERNS), [weight for weight, _ in PATTERNS.values()])[0]
        chinese, english = self.random.choice(PATTERNS[group][1])
        slots = self.slots()
        chinese = chinese.format(**{name: slot[0] for name, slot in slots.items()})
        english = english.format(**{name: slot[1] for name, slot in slots.items()})
        if group == "headings":
            return chinese, english
        return chinese, capital(english).replace("m..", "m.")


VERBS = {
    "去": "go", "来": "come", "参加会议": "attend the meeting", "帮忙": "help", "买房子": "buy a house",
    "回家": "go home", "告诉他": "tell him", "签字": "sign", "道歉": "apologize", "喝酒": "drink",
    "看这部电影": "see this movie", "换工作": "change jobs", "相信她": "believe her", "搬家": "move",
    "学英语": "learn English", "付钱": "pay", "见他们": "meet them", "接受这个建议": "accept the proposal",
    "放弃": "give up", "冒险": "take risks", "辞职": "resign", "等下去": "keep waiting",
    "说实话": "tell the truth", "睡觉": "sleep", "结婚": "get married", "投票": "vote",
}  # fmt: skip
THINGS = {
    "合同": "contract", "计划": "plan", "决定": "decision", "药": "medicine", "问题": "problem",
    "报告": "report", "消息": "news", "办法": "method", "项目": "project", "产品": "product",
    "规定": "rule", "结果": "result", "故事": "story", "房子": "house", "手机": "mobile phone",
}  # fmt: skip
HEADINGS = {
    "引言": "Introduction", "前言": "Preface", "序": "Preface", "序言": "Foreword", "目录": "Contents",
    "摘要": "Abstract", "关键词": "Keywords", "参考文献": "References", "致谢": "Acknowledgments",
    "附录": "Appendix", "结论": "Conclusion", "结语": "Conclusion", "后记": "Afterword",
    "背景": "Background", "研究背景": "Research Background", "研究方法": "Research Methods",
    "方法": "Methods", "结果": "Results", "讨论": "Discussion", "文献综述": "Literature Review",
    "数据来源": "Data Sources", "实验结果": "Experimental Results", "总则": "General Provisions",
    "附则": "Supplementary Provisions", "法律责任": "Legal Liability", "定义": "Definitions",
    "适用范围": "Scope of Application", "违约责任": "Liability for Breach of Contract",
    "争议解决": "Dispute Resolution", "保密条款": "Confidentiality", "公司简介": "Company Profile",
    "联系我们": "Contact Us", "关于我们": "About Us", "使用说明": "Instructions for Use",
    "注意事项": "Precautions", "产品特点": "Product Features", "技术参数": "Technical Specifications",
    "常见问题": "Frequently Asked Questions", "安装指南": "Installation Guide", "概述": "Overview",
    "目标": "Objectives", "任务": "Tasks", "措施": "Measures", "风险": "Risks", "建议": "Recommendations",
    "新闻": "News", "国际新闻": "International News", "财经": "Finance", "体育": "Sports", "文化": "Culture",
    "教育": "Education", "健康": "Health", "旅游": "Travel", "天气预报": "Weather Forecast",
    "图片": "Pictures", "表格": "Tables", "注释": "Notes", "作者": "Author", "译者": "Translator",
    "出版日期": "Date of Publication", "版权声明": "Copyright Notice", "免责声明": "Disclaimer",
    "营业时间": "Opening Hours", "出口": "Exit", "入口": "Entrance", "售票处": "Ticket Office",
    "会议纪要": "Minutes of the Meeting", "工作总结": "Work Summary", "年度报告": "Annual Report",
    "财务报表": "Financial Statements", "董事会": "Board of Directors", "经济发展": "Economic Development",
    "环境保护": "Environmental Protection", "社会保障": "Social Security", "对外关系": "Foreign Relations",
    "历史沿革": "History", "地理位置": "Geography", "人口": "Population", "政治": "Politics",
    "战争与和平": "War and Peace", "爱情": "Love", "童年": "Childhood", "故乡": "Hometown",
    "附件": "Attachments", "备注": "Remarks", "合计": "Total", "姓名": "Name", "地址": "Address",
    "电话": "Telephone", "日期": "Date", "签名": "Signature", "性别": "Sex", "年龄": "Age", "单位": "Unit",
}  # fmt: skip

PATTERNS: dict[str, tuple[float, list[Pair]]] = {
    "people": (3.0, [
        ("{person}{date}在{country}会见了{person2}。", "{person} met with {person2} in {country} on {date}."),
        ("{person}表示，两国应加强合作。", "{person} said that the two countries should strengthen cooperation."),
        ("{person}对{person2}说：“我们会考虑的。”", "{person} told {person2}: \"We will consider it.\""),
        ("{person}和{person2}出席了签字仪式。", "{person} and {person2} attended the signing ceremony."),
        ("应{country}邀请，{person}将于{date}起访问该国。",
         "At the invitation of {country}, {person} will visit the country from {date}."),
        ("{person}没有回答{name2}的问题。", "{person} did not answer {name2}'s question."),
        ("{person}说，{name2}已经辞职。", "{person} said that {name2} had resigned."),
        ("{name}是{name2}的老师。", "{name} is {name2}'s teacher."),
        ("{name}打败了{name2}，获得冠军。", "{name} defeated {name2} and won the championship."),
        ("{name}被{name2}打败了。", "{name} was defeated by {name2}."),
        ("据{name}介绍，该项目将于明年完工。", "According to {name}, the project will be completed next year."),
        ("{person}在新闻发布会上说，“情况正在好转”。",
         "{person} said at a press conference that \"the situation is improving.\""),
        ("{person}（{name2}摄）", "{person} (Photo by {name2})"),
        ("{name}、{name2}和另外两人受伤。", "{name}, {name2} and two others were injured."),
        ("{name}告诉记者，他不认识{name2}。", "{name} told reporters that he did not know {name2}."),
        ("{person}当天与{person2}通电话。", "{person} spoke by telephone with {person2} that day."),
        ("{person}强调，{country}反对任何形式的制裁。",
         "{person} stressed that {country} opposes sanctions of any form."),
        ("{name}出生于{year}年。", "{name} was born in {year}."),
        ("{name}的妻子是{name2}。", "{name}'s wife is {name2}."),
        ("{person}向{person2}转达了问候。", "{person} conveyed greetings to {person2}."),
        ("{country}{name}队", "{name}'s team from {country}"),
        ("记者{name}报道", "Reported by {name}"),
    ]),
    "amounts": (4.0, [
        ("公司去年的收入为{money}，{growth}。", "The company's revenue last year was {money}, which {growth}."),
        ("这套房子要{money}。", "This house costs {money}."),
        ("政府将投资{money}修建铁路。", "The government will invest {money} in building railways."),
        ("他欠银行{money}。", "He owes the bank {money}."),
        ("去年共有{count}受灾，损失达{money}。",
         "Last year a total of {count} were affected by the disaster, with losses of {money}."),
        ("价格从{money}降到了{money2}。", "The price dropped from {money} to {money2}."),
        ("近{share}的受访者表示反对。", "Nearly {share} of the respondents were opposed."),
        ("只有{share}的人同意。", "Only {share} of the people agreed."),
        ("约{share}的学生没有参加考试。", "About {share} of the students did not take the exam."),
        ("出口额{growth}。", "Exports {growth}."),
        ("产量{growth}，达到{count}。", "Output {growth}, reaching {count}."),
        ("全国有{count}，其中{share}在农村。",
         "There are {count} nationwide, {share} of them in rural areas."),
        ("超过{count}参加了活动。", "More than {count} took part in the event."),
        ("不到{count}", "Less than {count}"),
        ("至少{count}，最多{count2}", "At least {count}, at most {count2}"),
        ("{share}以上", "More than {share}"),
        ("有{low}至{high}人受伤。", "Between {low} and {high} people were injured."),
        ("气温将在{low}到{high}度之间。", "Temperatures will be between {low} and {high} degrees."),
        ("{low}岁的{name}跑了{count}。", "{name}, {low}, ran {count}."),
        ("罚款{money}", "A fine of {money}"),
        ("合同金额为{money}。", "The contract is worth {money}."),
        ("他每月的工资是{money}。", "His monthly salary is {money}."),
        ("这笔钱一共{money}，他只拿到了{share}。",
         "The money came to {money} in all, and he received only {share}."),
        ("人口约为{count}。", "The population is about {count}."),
        ("市值缩水{money}。", "Its market value shrank by {money}."),
        ("{country}向{country2}提供了{money}的援助。", "{country} provided {money} in aid to {country2}."),
        ("失业率{growth}。", "The unemployment rate {growth}."),
        ("募集到{money}，比预期多{share}。", "{money} was raised, {share} more than expected."),
    ]),
    "times": (2.0, [
        ("会议定于{date}{clock}举行。", "The meeting is scheduled for {clock} on {date}."),
        ("{date}，{country}举行了大选。", "On {date}, {country} held a general election."),
        ("他{clock}才到家。", "He did not get home until {clock}."),
        ("第{turn}届会议在{country}开幕。", "The {turn} session opened in {country}."),
        ("这是他第{turn}次来{country}。", "This is the {turn} time he has come to {country}."),
        ("{country}排名第{turn}。", "{country} ranked {turn}."),
        ("他在{year}年去世，享年{high}岁。", "He died in {year} at the age of {high}."),
        ("20世纪{decade}年代", "The 19{decade}"),
        ("上世纪{decade}年代初，他搬到了{country}。", "In the early 19{decade}, he moved to {country}."),
        ("从{date}到{year}年", "From {date} to {year}"),
        ("截至{date}，已有{count}报名。", "As of {date}, {count} had signed up."),
        ("{date}之前必须交款{money}。", "{money} must be paid before {date}."),
        ("自{year}年以来，{country}一直没有签署该条约。",
         "Since {year}, {country} has not signed the treaty."),
        ("{low}年前，这里只有{count}。", "{low} years ago, there were only {count} here."),
        ("飞机{clock}起飞，晚点了{low}分钟。", "The plane took off at {clock}, {low} minutes late."),
    ]),
    "negation": (2.0, [
        ("我不是不想{verb}，而是不能{verb}。", "It is not that I don't want to {verb}; I can't {verb}."),
        ("我不是不想{verb}。", "It's not that I don't want to {verb}."),
        ("他不得不{verb}。", "He had no choice but to {verb}."),
        ("我们不能不{verb}。", "We cannot but {verb}."),
        ("没有人不想{verb}。", "There is no one who does not want to {verb}."),
        ("她从来没有想过要{verb}。", "She has never thought of wanting to {verb}."),
        ("他既不想{verb}，也不想{verb2}。", "He wants neither to {verb} nor to {verb2}."),
        ("你不必{verb}。", "You don't have to {verb}."),
        ("你不许{verb}。", "You are not allowed to {verb}."),
        ("不要{verb}，除非他同意。", "Don't {verb} unless he agrees."),
        ("并不是所有人都愿意{verb}。", "Not everyone is willing to {verb}."),
        ("所有人都不愿意{verb}。", "No one is willing to {verb}."),
        ("他差点没能{verb}。", "He almost failed to {verb}."),
        ("我还没有决定要不要{verb}。", "I have not yet decided whether to {verb}."),
        ("这个{thing}不是没有道理。", "This {thing} is not without reason."),
        ("这个{thing}并非不重要。", "This {thing} is not unimportant."),
        ("如果不{verb}，就不能{verb2}。", "If you don't {verb}, you can't {verb2}."),
        ("他不但没有{verb}，反而要求{verb2}。", "Not only did he not {verb}, he asked to {verb2} instead."),
        ("我不认为他会{verb}。", "I don't think he will {verb}."),
        ("难道你不想{verb}吗？", "Don't you want to {verb}?"),
        ("谁也没有看见{name}。", "Nobody saw {name}."),
        ("{person}否认了这一说法。", "{person} denied the claim."),
        ("{name}无权{verb}。", "{name} has no right to {verb}."),
        ("{name}不再是{country}公民。", "{name} is no longer a citizen of {country}."),
        ("与其{verb}，不如{verb2}。", "Rather than {verb}, it would be better to {verb2}."),
        ("他非要{verb}不可。", "He insists that he must {verb}."),
        ("我再也不会{verb}了。", "I will never {verb} again."),
        ("几乎没有人{verb}。", "Hardly anyone would {verb}."),
        ("这个{thing}至今未获批准。", "This {thing} has not been approved to date."),
        ("未经许可，不得{verb}。", "You may not {verb} without permission."),
    ]),
    "headings": (2.0, [
        ("{heading}", "{heading}"),
        ("{heading}", "{heading}"),
        ("{number}、{heading}", "{number}. {heading}"),
        ("第{number}章 {heading}", "Chapter {number}: {heading}"),
        ("第{number}节 {heading}", "Section {number}: {heading}"),
        ("第{number}条 {heading}", "Article {number}: {heading}"),
        ("（{number}）{heading}", "({number}) {heading}"),
        ("{heading}与{heading2}", "{heading} and {heading2}"),
        ("{heading}：{heading2}", "{heading}: {heading2}"),
        ("· {heading}", "· {heading}"),
        ("- {heading}", "- {heading}"),
        ("{heading}（{year}年）", "{heading} ({year})"),
        ("图{number}：{heading}", "Figure {number}: {heading}"),
        ("表{low}　{heading}", "Table {low}: {heading}"),
        ("{country}：{heading}", "{country}: {heading}"),
        ("【{heading}】", "[{heading}]"),
    ]),
}  # fmt: skip

LATIN_NAME = re.compile(r"\b([A-Z][a-z]+) ([A-Z][a-z]+)\b")
FIGURE = re.compile(r"(?<![\d.,])\d{1,4}(?![\d.,]\d|\d)")


def with_other_name(chinese: str, english: str, drill: Drill) -> Pair | None:
    """The pair with another person, where a name stands on both sides and follows pinyin."""
    for match in LATIN_NAME.finditer(english):
        family, given = match.group(1).lower(), match.group(2).lower()
        for start, surname in enumerate(chinese):
            if surname not in SURNAMES:
                continue
            if (READ_OTHERWISE.get(surname) or reading(surname)) != family:
                continue
            for length in (2, 1):
                rest = chinese[start + 1 : start + 1 + length]
                if len(rest) == length and "".join(pypinyin.lazy_pinyin(rest)) == given:
                    name, other = drill.chinese_name()
                    old = surname + rest
                    surname_alone = re.search(rf"\b{match.group(1)}\b", english.replace(match.group(0), ""))
                    if surname_alone:
                        return None
                    return chinese.replace(old, name), english.replace(match.group(0), other)
    return None


def with_other_figures(chinese: str, english: str, drill: Drill) -> Pair | None:
    """The pair with other numbers of as many digits, where each stands once on both sides."""
    figures = FIGURE.findall(chinese)
    if not figures or sorted(figures) != sorted(FIGURE.findall(english)):
        return None
    if len(set(figures)) != len(figures) or any(len(figure) < 2 for figure in figures):
        return None
    others = {}
    for figure in figures:
        if len(figure) == 4 and figure[:2] in ("18", "19", "20"):
            other = str(drill.year())
        else:
            low = 10 ** (len(figure) - 1)
            other = str(drill.random.randint(low, 10 * low - 1))
        others[figure] = other
    # A day of a month has to stay one.
    if re.search(r"[月日号时点分]", chinese) and any(len(figure) < 3 for figure in figures):
        return None
    exchange = lambda match: others[match.group()]  # noqa: E731
    return FIGURE.sub(exchange, chinese), FIGURE.sub(exchange, english)


def varied(pairs: Iterator[Pair], drill: Drill, times: int) -> Iterator[Pair]:
    for chinese, english in pairs:
        for change in (with_other_name, with_other_figures):
            for _ in range(times):
                if found := change(chinese, english, drill):
                    yield found


PUNCTUATION = re.compile(r"[，。、；：！？“”‘’（）《》「」,.;:!?\"()]")


def rough(chinese: str, english: str, drill: Drill) -> Pair:
    """The Chinese as it comes out of scans, chats and bad exports."""
    kind = drill.random.randrange(4)
    if kind == 0:
        chinese = PUNCTUATION.sub("", chinese)
    elif kind == 1:
        chinese = PUNCTUATION.sub(" ", chinese).strip()
    elif kind == 2:
        chinese = re.sub(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", " ", chinese)
    else:
        spaced = lambda m: m.group() + " " * (drill.random.random() < 0.25)  # noqa: E731
        chinese = re.sub(r"[\u4e00-\u9fff]", spaced, chinese).rstrip()
    return chinese, english


def pairs_of(path: Path) -> Iterator[Pair]:
    for line in read_lines(path):
        chinese, _, english = line.partition("\t")
        yield chinese, english


def write(path: Path, pairs: Iterator[Pair]) -> None:
    lines = dict.fromkeys(f"{chinese}\t{english}\n" for chinese, english in pairs)
    path.write_text("".join(lines), encoding="utf-8")
    print(f"`{path}`: {len(lines)} pairs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clean", type=Path, help="folder of clean pairs; without it, patterns only")
    parser.add_argument("--output", type=Path, required=True, help="the folder `PAIRS`")
    parser.add_argument("--count", type=int, default=80_000, help="of the sentences from patterns")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    drill = Drill(options.seed)
    write(options.output / "drills.tsv", (drill.pair() for _ in range(options.count)))
    if options.clean:
        written = sorted(options.clean.glob("written_*.tsv"))
        news = [path for path in written if not path.stem.startswith("written_precision")]
        changed = itertools.chain.from_iterable(varied(pairs_of(path), drill, 3) for path in news)
        write(options.output / "varied.tsv", changed)
        everyday = [options.clean / "tatoeba_manythings.tsv", *written]
        chosen = (
            rough(*pair, drill)
            for path in everyday
            if path.exists()
            for pair in pairs_of(path)
            if drill.random.random() < 0.5
        )
        write(options.output / "rough.tsv", chosen)


if __name__ == "__main__":
    main()
