"""Writes pairs full of numbers, dates, money and place names, which ordinary text has too few of.

Out: `--output`, usually `PAIRS/figures.tsv`: one `zh<TAB>en` a line, made from the patterns below.

Chinese counts in 万 (ten thousand) and 亿 (hundred million), English in thousands and millions, so
a model has to learn arithmetic on digits; a few thousand examples of every size teach it.
"""

import argparse
import random
from decimal import Decimal
from pathlib import Path

PLACES = {
    "中国": "China", "美国": "the United States", "日本": "Japan", "韩国": "South Korea",
    "英国": "the United Kingdom", "法国": "France", "德国": "Germany", "俄罗斯": "Russia",
    "印度": "India", "巴西": "Brazil", "加拿大": "Canada", "澳大利亚": "Australia",
    "意大利": "Italy", "西班牙": "Spain", "墨西哥": "Mexico", "印度尼西亚": "Indonesia",
    "越南": "Vietnam", "泰国": "Thailand", "土耳其": "Turkey", "埃及": "Egypt",
    "南非": "South Africa", "尼日利亚": "Nigeria", "伊朗": "Iran", "以色列": "Israel",
    "乌克兰": "Ukraine", "波兰": "Poland", "瑞士": "Switzerland", "瑞典": "Sweden",
    "阿根廷": "Argentina", "马来西亚": "Malaysia", "新加坡": "Singapore", "新西兰": "New Zealand",
    "北京": "Beijing", "上海": "Shanghai", "广东": "Guangdong", "香港": "Hong Kong",
    "台湾": "Taiwan", "四川": "Sichuan", "浙江": "Zhejiang", "深圳": "Shenzhen",
    "纽约": "New York", "伦敦": "London", "巴黎": "Paris", "东京": "Tokyo",
    "莫斯科": "Moscow", "柏林": "Berlin", "加利福尼亚": "California", "欧盟": "the European Union",
}  # fmt: skip

MONTHS = (
    "January February March April May June July August September October November December"
).split()

MONEY = {"美元": "US dollars", "元": "yuan", "欧元": "euros", "英镑": "pounds", "日元": "yen"}

THINGS = {
    "人": "people", "名学生": "students", "家企业": "companies", "个家庭": "households",
    "吨粮食": "tons of grain", "辆汽车": "cars", "套住房": "homes", "名工人": "workers",
    "平方公里": "square kilometers", "次航班": "flights", "张选票": "votes", "个就业岗位": "jobs",
}  # fmt: skip

CHINESE_SCALES = {"": 1, "万": 10**4, "亿": 10**8}
ENGLISH_SCALES = {"trillion": 10**12, "billion": 10**9, "million": 10**6}

PATTERNS = [
    ("{place}的出口额达到{money}，同比增长{percent}。",
     "{place}'s exports reached {money}, up {percent} from a year earlier."),
    ("{date}，{place}有{count}受到影响。", "On {date}, {count} were affected in {place}."),
    ("{year}年，{place}的国内生产总值为{money}。",
     "In {year}, the gross domestic product of {place} was {money}."),
    ("据统计，{place}共有{count}。", "According to statistics, there are {count} in {place}."),
    ("该项目总投资{money}，预计{year}年完工。",
     "The project, with a total investment of {money}, is expected to be completed in {year}."),
    ("失业率从{percent}下降到{percent2}。",
     "The unemployment rate fell from {percent} to {percent2}."),
    ("会议于{date}在{place}举行，有{people}参加。",
     "The meeting was held in {place} on {date} and was attended by {people}."),
    ("{place}和{place2}于{date}签署了价值{money}的协议。",
     "{place} and {place2} signed an agreement worth {money} on {date}."),
    ("公司去年亏损{money}，裁减了{people}。",
     "The company lost {money} last year and laid off {people}."),
    ("当地时间{time}，一架飞机从{place}飞往{place2}。",
     "At {time} local time, a plane flew from {place} to {place2}."),
    ("价格上涨了{percent}，达到{money}。", "The price rose by {percent} to {money}."),
    ("{place}、{place2}和{place3}的代表出席了会议。",
     "Representatives of {place}, {place2} and {place3} attended the meeting."),
    ("超过{count}", "More than {count}"),
    ("约{money}", "About {money}"),
    ("{date}", "{date}"),
    ("{place}、{place2}、{place3}", "{place}, {place2}, {place3}"),
]  # fmt: skip


def plain(value: Decimal) -> str:
    """A number with separators, and without zeros after its decimals."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def english_number(value: Decimal) -> str:
    for name, scale in ENGLISH_SCALES.items():
        if value >= scale:
            return f"{plain(value / scale)} {name}"
    return plain(value)


class Writer:
    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def number(self) -> tuple[str, str]:
        """Up to four digits, sometimes a decimal, and a Chinese scale."""
        digits = Decimal(self.random.randint(2, 10 ** self.random.randint(1, 4)))
        scale = self.random.choice(list(CHINESE_SCALES))
        if scale and self.random.random() < 0.4:
            digits = digits % 100 + Decimal(self.random.randint(1, 9)) / 10
        chinese = plain(digits) if self.random.random() < 0.2 else plain(digits).replace(",", "")
        return chinese + scale, english_number(digits * CHINESE_SCALES[scale])

    def counted(self, units: dict[str, str]) -> tuple[str, str]:
        chinese, english = self.number()
        unit = self.random.choice(list(units))
        return chinese + unit, f"{english} {units[unit]}"

    def percent(self) -> tuple[str, str]:
        value = self.random.choice([self.random.randint(2, 99), self.random.randint(1, 999) / 10])
        return f"{value}%", f"{value}%"

    def date(self) -> tuple[str, str]:
        month, day = self.random.randint(1, 12), self.random.randint(1, 28)
        chinese, english = f"{month}月{day}日", f"{MONTHS[month - 1]} {day}"
        if self.random.random() < 0.5:
            year = self.random.randint(1900, 2030)
            return f"{year}年{chinese}", f"{english}, {year}"
        return chinese, english

    def time(self) -> tuple[str, str]:
        hour, minute = self.random.randint(1, 11), self.random.randint(10, 59)
        half = self.random.choice([("上午", "a.m."), ("下午", "p.m.")])
        chinese = self.random.choice([f"{hour}点{minute}分", f"{hour}:{minute}"])
        return half[0] + chinese, f"{hour}:{minute} {half[1]}"

    def pair(self) -> tuple[str, str]:
        chinese, english = self.random.choice(PATTERNS)
        places = self.random.sample(list(PLACES.items()), 3)
        year = str(self.random.randint(1950, 2035))
        values = {
            "place": places[0],
            "place2": places[1],
            "place3": places[2],
            "year": (year, year),
            "money": self.counted(MONEY),
            "count": self.counted(THINGS),
            "people": self.counted({"人": "people"}),
            "date": self.date(),
            "percent": self.percent(),
            "percent2": self.percent(),
            "time": self.time(),
        }
        chinese = chinese.format(**{name: value[0] for name, value in values.items()})
        english = english.format(**{name: value[1] for name, value in values.items()})
        return chinese, english[0].upper() + english[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    writer = Writer(options.seed)
    lines = ["\t".join(writer.pair()) + "\n" for _ in range(options.count)]
    options.output.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
