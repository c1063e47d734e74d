"""How long something took, in the words of people: 38 分钟, 2 小时, 3 天."""

from datetime import datetime, timedelta

from runtime.screens.i18n import _

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def lasted(since: datetime, until: datetime) -> str:
    """Say how long it is from one moment to another; nothing for less than a minute."""
    return span(until - since)


def span(length: timedelta) -> str:
    """Say a length of time in its largest unit, and the next one while that still tells."""
    if length < MINUTE:
        return ""
    if length < HOUR:
        return _("%(n)s 分钟", n=length // MINUTE)
    if length < DAY:
        hours, rest = divmod(length, HOUR)
        minutes = rest // MINUTE
        if hours < 6 and minutes:
            return _("%(h)s 小时 %(m)s 分", h=hours, m=minutes)
        return _("%(n)s 小时", n=hours)
    days, rest = divmod(length, DAY)
    hours = rest // HOUR
    if days < 3 and hours:
        return _("%(d)s 天 %(h)s 小时", d=days, h=hours)
    return _("%(n)s 天", n=days)
