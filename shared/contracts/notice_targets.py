"""Targets of notices (通知对象) as data: who is told of what, and by what way."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import AreaCode, Code, Contract, Names
from shared.contracts.ladders import Colour
from shared.contracts.levels import SupervisionLevel

MAX_ADDRESSES = 50


class Channel(StrEnum):
    """By what way a target is told."""

    WEBHOOK = "webhook"
    """A POST of JSON to an address of its own, signed."""
    WECOM = "wecom"
    """A group robot of WeCom (企业微信群机器人)."""
    DINGTALK = "dingtalk"
    """A group robot of DingTalk (钉钉群机器人)."""
    EMAIL = "email"
    """E-mail."""


class Occasion(StrEnum):
    """What a notice is about."""

    APPROACHING = "approaching"
    """80 % of a limit are used (临期)."""
    BREACHED = "breached"
    """A limit is used up (超时)."""
    MARK_WITHDRAWN = "mark_withdrawn"
    """One of the two was none after all (撤销)."""
    ORDERED = "supervision_ordered"
    """督办."""
    LIFTED = "supervision_lifted"
    """解除督办."""


class Language(StrEnum):
    """In which language a target is told."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


MailAddress = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$")
]


class NoticeTarget(Contract):
    """Who is told of what happens in an area and all below it.

    Secrets are no part of it: it names one, and whoever runs the service keeps it.
    """

    kind: Literal["notice_target"] = "notice_target"
    code: Code
    names: Names
    area: AreaCode
    """Whose notices it gets: this area's and all below."""
    unit: Code | None = None
    """Only those about this unit, or that tell it; none: all."""
    channel: Channel
    url: Annotated[str, StringConstraints(max_length=500)] | None = None
    """Where to post to; https, or http on this machine. None: the robot's usual address."""
    addresses: Annotated[tuple[MailAddress, ...], Field(max_length=MAX_ADDRESSES)] = ()
    """Of e-mail: whom to write to; mailboxes of an office rather than of a person."""
    secret: Code | None = None
    """The name of the secret: that signs a webhook, or lets a robot in."""
    occasions: Annotated[tuple[Occasion, ...], Field(min_length=1, max_length=20)] = tuple(Occasion)
    """Of what it is told."""
    min_level: SupervisionLevel = SupervisionLevel.ORDINARY
    """Of orders of supervision: from which level on."""
    notices: bool = True
    """Whether it is told of the notices that an area's ladder raises (蓝橙红)."""
    min_colour: Colour = Colour.BLUE
    """Of those: from which colour on."""
    reminders: bool = True
    """Whether it is told again what nobody has acknowledged, of what it is told."""
    language: Language = Language.ZH
    zone: str
    """IANA time zone in which instants are written."""
