"""Draws amounts, shares and times, in all the ways that Chinese writes them."""

from collections.abc import Callable
from decimal import Decimal

from pairs.drawing import Drawing, Pair
from pairs.figures import MONTHS, english_number
from pairs.numerals import DIGITS, ENGLISH_TEN, chinese_number, ordinal, scaled


class Quantities(Drawing):
    """Draws numbers and what is counted or measured by them, each in Chinese and in English."""

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
