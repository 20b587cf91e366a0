"""Draws persons: anyone's names, read by pinyin, and known ones, with offices and roles."""

import random
import tomllib
from pathlib import Path

import pypinyin

from pairs.drawing import Drawing, Pair, capital

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


def reading(character: str) -> str:
    return pypinyin.lazy_pinyin(character, v_to_u=False)[0].replace("ü", "u").replace("v", "u")


class People(Drawing):
    """Draws names, countries and persons, each in Chinese and in English."""

    def __init__(self, chance: random.Random):
        super().__init__(chance)
        table = tomllib.loads(NAMES.read_text(encoding="utf-8"))
        self.known, self.first, self.last = table["known"], table["first"], table["last"]
        self.countries = [(zh, *names) for zh, names in table["countries"].items()]
        self.state, self.offices, self.roles = table["state"], table["offices"], table["roles"]
        self.public = table["public"]

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
        """A name, mostly with an office or a role; now and then somebody of the news."""
        if self.random.random() < 0.12:
            return self.one(self.public)
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
