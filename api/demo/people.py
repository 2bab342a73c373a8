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
COMPLAINTS: Final = (
    ("noise", "楼上夜间噪音"),
    ("noise", "装修超时施工"),
    ("water", "厨房下水堵塞"),
    ("lift", "电梯异响"),
    ("cleaning", "楼道保洁不及时"),
    ("parking", "车位被占用"),
    ("security", "单元门常开"),
    ("greening", "绿化带缺水"),
    ("service", "前台答复迟缓"),
    ("pets", "遛狗不牵绳"),
    ("light", "楼道灯不亮"),
    ("garbage", "垃圾桶异味"),
)
FAULTS: Final = ("给排水", "电路", "门窗", "墙面", "门禁", "燃气报警器外壳", "空调外机架", "照明", "防水", "管道疏通")
ROOMS: Final = ("门窗", "墙面", "地面", "水路", "电路", "卫生")


def name(random: Random) -> str:
    """An invented name."""
    return random.choice(_SURNAMES) + "".join(random.choice(_GIVEN) for _ in range(random.choice((1, 2, 2))))


def phone(random: Random) -> str:
    """A telephone number in a range that is given to nobody (199 0000 xxxx)."""
    return f"1990000{random.randint(0, 9999):04}"
