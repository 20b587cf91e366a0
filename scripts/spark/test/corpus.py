"""A corpus of our own: short documents that share sentences, a very long one, twins, and some that cannot be done."""

import random

WHO = (
    ("猫", "the cat"), ("狗", "the dog"), ("老马", "the old horse"), ("小鸟", "the little bird"), ("山羊", "the goat"),
    ("农夫", "the farmer"), ("医生", "the doctor"), ("老师", "the teacher"), ("孩子", "the child"), ("金鱼", "the goldfish"),
)
DOES = (
    ("在花园里睡觉", "sleeps in the garden"),
    ("昨天没有回家", "did not come home yesterday"),
    ("正在等它的朋友", "is waiting for its friend"),
    ("不喜欢下雨的日子", "does not like rainy days"),
    ("吃完了所有的早饭", "has eaten all of the breakfast"),
    ("从来不怕打雷", "has never been afraid of thunder"),
    ("今天早上去了学校", "went to school this morning"),
    ("只在晚上出来", "only comes out in the evening"),
)
WHEN = (("在{}年，", "in {}, "), ("第{}天，", "on day {}, "), ("花了{}元以后，", "after spending {} yuan, "), ("", ""))

POISON = "毒药"
"""What no program survives here."""

LONG, POISONED, SILENT = "d00777", "d01234", "d01500"
"""The names of the long document, of the one over which the program ends, and of one that holds no Chinese."""


def sentence(draw, numbers):
    """A sentence in both languages."""
    (who, whom), (does, doing), (when, at) = draw.choice(WHO), draw.choice(DOES), draw.choice(WHEN)
    number = draw.randint(2, numbers)
    english = f"{at.format(number)}{whom} {doing}."
    return f"{when.format(number)}{who}{does}。", english[0].upper() + english[1:]


def document(draw, name, size, numbers=30):
    """A document of so many sentences a side."""
    pairs = [sentence(draw, numbers) for _ in range(size)]
    return {"id": name, "zh": "".join(zh for zh, _ in pairs), "en": " ".join(en for _, en in pairs)}


def documents(count, long_one):
    """So many documents of one to four sentences, in the order of their names, one of which has `long_one` sentences."""
    draw = random.Random(7)
    found = [document(draw, f"d{number:05}", draw.randint(1, 4)) for number in range(count)]
    by_name = {it["id"]: it for it in found}
    by_name[LONG] |= document(draw, LONG, long_one, numbers=5)
    by_name[POISONED] |= {"zh": f"这是{POISON}。", "en": "This is poison."}
    by_name[SILENT] |= {"zh": "Nothing here.", "en": "Nothing here."}
    # Twins, but for punctuation; and one and the same text under two names.
    by_name["d00011"] |= {"zh": by_name["d00010"]["zh"].replace("。", "！"), "en": by_name["d00010"]["en"].upper()}
    by_name["d00013"] |= {name: by_name["d00012"][name] for name in ("zh", "en")}
    return found
