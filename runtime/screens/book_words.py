"""What the kernel's codes are called: kinds of movement, accounts, costing methods, rules."""

from collections.abc import Mapping
from typing import NamedTuple

from runtime.screens.i18n import _


class RuleWords(NamedTuple):
    """A rule of the company in words: what it decides, and what each choice means."""

    label: str
    help: str
    choices: Mapping[str, str]


def kind_text(code: str) -> str:
    """Return the word for a kind of posting or movement; an unknown one keeps its code."""
    words = {
        "receive": _("入库"), "issue": _("出库"), "transfer": _("调拨"),
        "transfer_out": _("调出"), "transfer_in": _("调入"),
        "purchase_return": _("采购退货"), "sales_return": _("销售退货"),
        "stocktake": _("盘点"), "count_loss": _("盘亏"), "count_gain": _("盘盈"),
        "count_value": _("盘点重估"), "landed_cost": _("费用分摊"), "late": _("后到成本"),
        "invoice": _("发票结算"), "cost_adjust": _("成本调整"), "adjust": _("成本调整"),
        "assemble": _("组装"), "disassemble": _("拆卸"), "consume": _("组装耗用"),
        "produce": _("组装产出"), "set_standard": _("标准成本"), "standard": _("标准成本"),
        "change_policy": _("计价方法变更"), "reserve": _("预留"), "release": _("释放预留"),
        "void": _("作废"), "reverse": _("红冲"), "close_period": _("结账"),
        "reopen_period": _("反结账"), "batch": _("合并过账"), "opening": _("期初"),
        "scrap": _("报废"), "sale": _("销售"),
        "misc_receipt": _("其他入库"), "misc_issue": _("其他出库"),
    }  # fmt: skip
    return words.get(code, code)


def change_text(code: str) -> str:
    """Return the word for why a value entry was made."""
    words = {
        "original": _("过账"), "revalue": _("重算"), "late": _("后到成本"),
        "true_up": _("补差"), "void": _("作废"),
    }  # fmt: skip
    return words.get(code, kind_text(code))


def role_text(code: str) -> str:
    """Return what the account of a role is for."""
    words = {
        "stock": _("存货"), "receipt": _("入库对方"), "issue": _("出库成本"),
        "transfer": _("调拨"), "purchase_return": _("采购退货"),
        "sales_return": _("销售退货"), "landed_cost": _("费用分摊"), "invoice": _("发票结算"),
        "price_variance": _("价格差异"), "cogs_adjust": _("销售成本调整"),
        "true_up": _("负库存补差"), "return_variance": _("退货差异"), "residual": _("尾差"),
        "revaluation": _("存货重估"), "stocktake_loss": _("盘亏"),
        "stocktake_gain": _("盘盈"), "cost_adjust": _("成本调整"), "assembly": _("组装"),
    }  # fmt: skip
    return words.get(code, code)


def method_words() -> Mapping[str, str]:
    """Return the costing methods."""
    return {
        "moving_average": _("移动加权平均"), "fifo": _("先进先出"),
        "month_end_average": _("月末加权平均"), "specific": _("个别计价"),
        "standard": _("标准成本"),
    }  # fmt: skip


def method_text(code: str) -> str:
    """Return the word for a costing method."""
    return method_words().get(code, code)


def tracking_text(code: str) -> str:
    """Return how an item is followed."""
    words = {"none": _("不跟踪"), "lot": _("按批次"), "batch": _("按批次"), "serial": _("按序列号")}
    return words.get(code, code)


def scope_text(code: str) -> str:
    """Return what is costed together."""
    words = {"warehouse": _("按仓库"), "company": _("全公司"), "batch": _("按批次")}
    return words.get(code, code)


def variance_words() -> Mapping[str, str]:
    """Return what becomes of the gap between standard and actual cost."""
    return {"expense": _("计入当期差异"), "rate": _("按差异率分摊")}


def negative_words() -> Mapping[str, str]:
    """Return whether more may go out than there is."""
    return {"forbid": _("不允许"), "allow": _("允许，入库后补差")}


def rule_words() -> Mapping[str, RuleWords]:
    """Return the rules a company chooses, in the order in which they are asked."""
    allow = {"forbid": _("不允许"), "allow": _("允许")}
    return {
        "method": RuleWords(
            _("计价方法"), _("新商品的默认值；商品资料里写了的以资料为准。"), method_words()
        ),
        "scope": RuleWords(
            _("计价范围"),
            _("哪些库存合在一起算一个成本；新商品的默认值。"),
            {"warehouse": _("按仓库"), "company": _("全公司"), "batch": _("按批次")},
        ),
        "variance": RuleWords(
            _("标准成本差异"), _("新商品的默认值；只用于标准成本。"), variance_words()
        ),
        "negative": RuleWords(
            _("负库存"), _("新商品的默认值；调拨和组装永远不允许。"), negative_words()
        ),
        "purchase_return_cost": RuleWords(
            _("采购退货成本"),
            _("按原入库单退，还是按当前成本退。"),
            {"original": _("原入库成本"), "current": _("当前成本")},
        ),
        "sales_return_cost": RuleWords(
            _("销售退货成本"),
            _("按原出库单收回，还是按当前成本收回。"),
            {"original": _("原出库成本"), "current": _("当前成本")},
        ),
        "late_cost": RuleWords(
            _("后到费用和发票差异"),
            _("未结账的月份可以追溯到入库；已结账的月份总是只分给在库部分。"),
            {"replay": _("追溯到入库"), "split_onhand": _("只分给在库部分")},
        ),
        "cancel": RuleWords(
            _("作废方式"),
            _("作废如同没有发生；红冲在当前日期记一笔相反的。"),
            {"void": _("作废"), "reverse": _("红冲")},
        ),
        "stocktake": RuleWords(
            _("盘点"),
            _("差异在盘点时定下来，还是以后补录单据时保持盘点数不变。"),
            {"delta": _("记差异"), "absolute": _("以盘点数为准")},
        ),
        "pick": RuleWords(
            _("拣货批次"),
            _("出库没有写批次时怎么取。"),
            {"manual": _("人工指定"), "FEFO": _("先到期先出")},
        ),
        "expired": RuleWords(_("过期批次出库"), _("超过有效期的批次。"), allow),
        "close_negative": RuleWords(_("有负库存时结账"), _("月末还有负库存。"), allow),
    }


def choice_text(rule: str, value: str) -> str:
    """Return what a rule is set to."""
    words = rule_words().get(rule)
    return words.choices.get(value, value) if words else value
