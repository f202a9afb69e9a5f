"""Which component a case is about, and who keeps it, in words."""

from services.analytics.domain.timeline import Stored
from shared.contracts.base import Names, Texts

OWNERLESS = "ownerless_component"
"""Dispatch's word for what nobody keeps."""


def which(component: Stored) -> Texts:
    """The component, how far it stands from the place, and who keeps it."""
    names, code, far = Names.model_validate(component["names"]), component["code"], _far(component)
    keeps = _keepers(component)
    return Texts(
        zh=f"涉及部件“{names.zh}”（{code}），距上报位置 {far} 米，{keeps.zh}",
        en=f"it is about the component '{names.en}' ({code}), {far} m from the reported place, "
        f"{keeps.en}",
    )


def _far(component: Stored) -> str:
    return f"{component['metres']:.1f}"


def _keepers(component: Stored) -> Texts:
    owner, maintainer = component.get("owner"), component.get("maintainer")
    match (maintainer, owner):
        case (None, None):
            return Texts(zh="未登记养护和权属单位", en="without a maintainer and an owner")
        case (None, _):
            return Texts(
                zh=f"权属单位 {owner}，未登记养护单位", en=f"owned by {owner}, without a maintainer"
            )
        case (_, None):
            return Texts(zh=f"养护单位 {maintainer}", en=f"maintained by {maintainer}")
        case _:
            return Texts(
                zh=f"养护单位 {maintainer}，权属单位 {owner}",
                en=f"maintained by {maintainer}, owned by {owner}",
            )


def kept_by(unit: str, component: Stored) -> Texts:
    """Why a unit got the case by its component."""
    if component.get("maintainer") == unit:
        return Texts(
            zh="部件由其养护，先于其他规则",
            en="it maintains the component, which goes before every other rule",
        )
    return Texts(
        zh="部件归其所有，且无在册的养护单位，先于其他规则",
        en="it owns the component, which no unit in force maintains; that goes before every other "
        "rule",
    )


def ownerless(component: Stored) -> Texts:
    """Why nobody got the case."""
    named = [component[role] for role in ("maintainer", "owner") if component.get(role)]
    gone = "、".join(dict.fromkeys(named))
    zh = f"登记的单位（{gone}）已不在册" if named else "未登记养护和权属单位"
    en = f"{' and '.join(dict.fromkeys(named))}: no unit in force" if named else "nobody is named"
    return Texts(
        zh=f"未派遣：无主部件（{zh}），由中心裁定处置单位",
        en=f"not dispatched: the component is ownerless ({en}), so the centre rules whose it is "
        "and names the unit",
    )
