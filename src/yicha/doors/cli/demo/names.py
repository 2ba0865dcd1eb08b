"""Names and addresses of the synthetic enterprises: plausible, and nobody's."""

from __future__ import annotations

from hashlib import sha256
from random import Random

from yicha.doors.cli.demo.tables import Industry, Town, towns, words

REGIONS = {"110112": "通州区", "110115": "大兴区", "110302": "北京经济技术开发区"}
"""The three districts; the last is a functional area that no GB/T 2260 table holds."""

REGION_WEIGHTS = (40, 36, 24)

_WORDS = words()
_SIDES = "东西南北"


def trade_name(rng: Random) -> str:
    """A 字号 of two or three characters that is not a well-known brand."""
    while True:
        name = rng.choice(_WORDS["first"]) + rng.choice(_WORDS["second"])
        if name[0] != name[1] and name not in _WORDS["brands"]:
            return name + rng.choice(_WORDS["third"]) if rng.random() < 0.28 else name


def company_name(rng: Random, industry: Industry) -> str:
    """字号, 行业 and 组织形式, in the order of the naming rules."""
    word = rng.choice(industry.words)
    form = "有限责任公司" if rng.random() < 0.12 else "有限公司"
    if word.endswith(("学校", "诊所", "门诊部", "幼儿园", "养老院", "老年公寓")):
        form = form if rng.random() < 0.6 else ""
    if rng.random() < 0.18:
        return f"{trade_name(rng)}（北京）{word}{form or '有限公司'}"
    return f"北京{trade_name(rng)}{word}{form}"


def shop_name(rng: Random, industry: Industry) -> str:
    """The name of a sole proprietor: a sign, and since 2022 often its form."""
    shop = rng.choice(industry.shops or ("商行", "经营部", "工作室"))
    name = f"北京{trade_name(rng)}{shop}"
    return f"{name}（个体工商户）" if rng.random() < 0.35 else name


def cooperative_name(rng: Random, industry: Industry) -> str:
    """A farmers' cooperative."""
    trade = "养殖" if "饲养" in industry.name else "种植" if industry.code.startswith("A") else "农产品产销"
    return f"北京{trade_name(rng)}{trade}专业合作社"


def institution_name(rng: Random, region: str, word: str) -> str:
    """A private non-enterprise unit (民办非企业单位), named after its district."""
    return f"北京{REGIONS[region].removeprefix('北京')}{trade_name(rng)}{word}"


def address(rng: Random, region: str) -> str:
    """An address in a region. One in five of the functional area names its district too, as real ones do."""
    town = _town(rng, region)
    if region == "110302":
        district = rng.choices(("", "大兴区", "通州区"), (80, 14, 6))[0]
        return f"北京市{district}北京经济技术开发区{_street(rng)}{_building(rng)}"
    place = f"北京市{REGIONS[region]}{town.name}"
    if rng.random() < 0.3:
        village = f"{place}{rng.choice(town.villages)}村"
        if rng.random() < 0.35:
            return f"{village}村委会{rng.choice(_SIDES)}{rng.randrange(1, 20) * 50}米"
        return f"{village}{rng.randrange(1, 400)}号"
    return f"{place}{_street(rng)}{_building(rng)}"


def place(region: str, address: str, code: str) -> tuple[str, str]:
    """Latitude and longitude near the town of an address; empty for one firm in twelve, as nobody has measured all.

    Where exactly, the code says, so that no chance is used up.
    """
    number = int.from_bytes(sha256(code.encode()).digest()[:8], "big")
    if number % 12 == 0:
        return "", ""
    named = [town for town in _TOWNS[region] if town.name in address]
    middle = (named or _TOWNS[region])[number % len(named or _TOWNS[region])].middle
    north, east = ((number >> shift) % 2001 - 1000 for shift in (8, 24))
    return f"{middle[0] + north * 1.2e-5:.6f}", f"{middle[1] + east * 1.6e-5:.6f}"


_TOWNS = {region: [town for town in towns() if town.region == region] for region in REGIONS}
_TOWN_WEIGHTS = {region: [town.weight for town in found] for region, found in _TOWNS.items()}


def _town(rng: Random, region: str) -> Town:
    return rng.choices(_TOWNS[region], _TOWN_WEIGHTS[region])[0]


def _street(rng: Random) -> str:
    first = rng.choice(_WORDS["road_first"])
    second = rng.choice([letter for letter in _WORDS["road_second"] if letter != first])
    return f"{first}{second}{rng.choice(_WORDS['road_kinds'])}{rng.randrange(1, 120)}号"


def _building(rng: Random) -> str:
    style = rng.random()
    if style < 0.25:
        return ""
    floor = rng.randrange(1, 19)
    room = floor * 100 + rng.randrange(1, 30)
    if style < 0.5:
        return f"院{rng.randrange(1, 30)}号楼{floor}层{room}"
    if style < 0.75:
        return f"{rng.randrange(1, 16)}幢{floor}层{room}室"
    return f"院{rng.randrange(1, 40)}号楼1层底商{rng.randrange(1, 60):02}"
