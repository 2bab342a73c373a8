"""Invented people and matters: drawn from lists by a seeded generator; any likeness is chance."""

from __future__ import annotations

from random import Random
from typing import Final

_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常单"
_GIVEN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国志文斌辉波宁雪梅佳欣雨晨浩然子涵梓轩思远嘉怡若曦一诺"
)
STAFF: Final = {
    "administrator": ("guan-li-1", "guan-li-2", "guan-li-3", "guan-li-4"),
    "assistant": ("zhu-li",),
    "duty-officer": ("dang-ban-1", "dang-ban-2"),
    "department-head": ("bu-men",),
    "manager": ("jing-li",),
    "company": ("gong-si",),
}
NAMES: Final = {
    "guan-li-1": "陈雨晨",
    "guan-li-2": "马思远",
    "guan-li-3": "许佳欣",
    "guan-li-4": "何子涵",
    "zhu-li": "董若曦",
    "dang-ban-1": "范志强",
    "dang-ban-2": "石国平",
    "bu-men": "顾建国",
    "jing-li": "沈雪梅",
    "gong-si": "梁文斌",
    "gong-cheng-1": "许浩然",
    "gong-1": "丁志刚",
    "gong-2": "罗建军",
    "gong-3": "魏国强",
    "gong-4": "薛海涛",
    "bao-jie-1": "赵桂兰",
    "jia-zheng-1": "田玉兰",
    "yang-lao-1": "姚秀英",
}
"""The people of the office and its craftsmen by the words under which the play knows them."""
COMPLAINTS: Final = (
    ("噪音", "楼上夜间噪音"),
    ("噪音", "装修超时施工"),
    ("给排水", "厨房下水堵塞"),
    ("电梯", "电梯异响"),
    ("保洁", "楼道保洁不及时"),
    ("停车", "车位被占用"),
    ("安全", "单元门常开"),
    ("绿化", "绿化带缺水"),
    ("服务", "前台答复迟缓"),
    ("宠物", "遛狗不牵绳"),
    ("照明", "楼道灯不亮"),
    ("垃圾", "垃圾桶异味"),
)
FAULTS: Final = ("给排水", "电路", "门窗", "墙面", "门禁", "燃气报警器外壳", "空调外机架", "照明", "防水", "管道疏通")
ROOMS: Final = ("门窗", "墙面", "地面", "水路", "电路", "卫生")


def name(random: Random) -> str:
    """An invented name."""
    return random.choice(_SURNAMES) + "".join(random.choice(_GIVEN) for _ in range(random.choice((1, 2, 2))))


def phone(random: Random) -> str:
    """A telephone number in a range that is given to nobody (199 0000 xxxx)."""
    return f"1990000{random.randint(0, 9999):04}"
