"""Angles and distances on the earth; what is no fraction of numbers is the server's alone."""

from decimal import Decimal
from typing import Final

from runtime.formula import angles
from runtime.formula.cell_errors import BAD_ARGUMENT, CellFaultError
from runtime.formula.numbers import PI, ZERO, divide, fit, multiply, read_number, round_to
from runtime.kinds.function import Function, costs, gives, takes

HALF_TURN: Final = Decimal(180)
# The mean radius of the earth in metres, as the geodesists' union gives it.
RADIUS: Final = Decimal("6371008.8")


def radians(angle: Decimal) -> Decimal:
    """An angle of degrees in radians.

    把角度换成弧度。

    也叫：弧度

    >>> ROUND(RADIANS(180), 6)
    3.141593
    """
    return divide(multiply(angle, PI), HALF_TURN)


def degrees(angle: Decimal) -> Decimal:
    """An angle of radians in degrees.

    把弧度换成角度。

    也叫：角度

    >>> DEGREES(PI())
    180
    """
    return divide(multiply(angle, HALF_TURN), PI)


@costs(150)
def sin(angle: Decimal) -> Decimal:
    """The sine of an angle in radians.

    正弦，角用弧度。

    也叫：三角函数

    >>> SIN(PI()/6)
    0.5
    """
    return angles.sine(angle)


@costs(150)
def cos(angle: Decimal) -> Decimal:
    """The cosine of an angle in radians.

    余弦，角用弧度。

    也叫：三角函数

    >>> COS(0)
    1
    """
    return angles.cosine(angle)


@costs(200)
def tan(angle: Decimal) -> Decimal:
    """The tangent of an angle in radians.

    正切，角用弧度。

    也叫：三角函数

    >>> ROUND(TAN(PI()/4), 20)
    1
    """
    return angles.tangent(angle)


@costs(200)
def cot(angle: Decimal) -> Decimal:
    """The cotangent of an angle in radians.

    余切，角用弧度。

    也叫：三角函数

    >>> ROUND(COT(PI()/4), 20)
    1
    """
    return angles.cotangent(angle)


@costs(200)
def asin(number: Decimal) -> Decimal:
    """The angle in radians that has a sine.

    反正弦，得到弧度。

    也叫：三角函数

    >>> ROUND(ASIN(1), 6)
    1.570796
    >>> ASIN(2)
    #NUM!
    """
    return angles.arc_sine(number)


@costs(200)
def acos(number: Decimal) -> Decimal:
    """The angle in radians that has a cosine.

    反余弦，得到弧度。

    也叫：三角函数

    >>> ACOS(1)
    0
    """
    return angles.arc_cosine(number)


@costs(200)
def atan(number: Decimal) -> Decimal:
    """The angle in radians that has a tangent.

    反正切，得到弧度。

    也叫：三角函数

    >>> ROUND(ATAN(1)*4, 6)
    3.141593
    """
    return angles.arc_tangent(number)


@costs(200)
def atan2(across: Decimal, up: Decimal) -> Decimal:
    """The angle from the x axis to a point.

    从 x 轴到点 (x, y) 的角，得到弧度。

    也叫：三角函数、方向角

    >>> ROUND(DEGREES(ATAN2(-1, 0)), 6)
    180
    """
    return angles.direction(across, up)


@costs(200)
def acot(number: Decimal) -> Decimal:
    """The angle in radians that has a cotangent, from 0 to π.

    反余切，得到弧度，从 0 到 π。

    也叫：三角函数

    >>> ROUND(ACOT(0), 6)
    1.570796
    """
    return angles.arc_cotangent(number)


@costs(500)
def distance(first: str, second: str) -> Decimal:
    """The metres between two places, each "longitude,latitude" in degrees, on a round earth.

    两个地点之间的米数；地点写成“经度,纬度”，如 "116.397,39.909"，按球面计算，四舍五入到米。

    也叫：距离、定位、地理位置、公里

    >>> DISTANCE("116.397,39.909", "121.474,31.230")
    1068242
    """
    turned = angles.arc_length(_place(first), _place(second))
    return round_to(multiply(turned, RADIUS), ZERO)


def _place(text: str) -> tuple[Decimal, Decimal]:
    """Latitude and longitude out of "longitude,latitude"."""
    parts = text.replace("，", ",").split(",")
    if len(parts) != 2:
        raise CellFaultError(BAD_ARGUMENT)
    longitude, latitude = (fit(read_number(part)) for part in parts)
    if latitude.copy_abs() > 90 or longitude.copy_abs() > HALF_TURN:
        raise CellFaultError(BAD_ARGUMENT)
    return latitude, longitude


NUMBER: Final = gives("number")
_ANGLE: Final = takes("angle: number")
_NUMBER: Final = takes("number: number")
TRIGONOMETRY: Final = (
    Function("RADIANS", _ANGLE, NUMBER, radians),
    Function("DEGREES", _ANGLE, NUMBER, degrees),
    Function("SIN", _ANGLE, NUMBER, sin, server_only=True),
    Function("COS", _ANGLE, NUMBER, cos, server_only=True),
    Function("TAN", _ANGLE, NUMBER, tan, server_only=True),
    Function("COT", _ANGLE, NUMBER, cot, server_only=True),
    Function("ASIN", _NUMBER, NUMBER, asin, server_only=True),
    Function("ACOS", _NUMBER, NUMBER, acos, server_only=True),
    Function("ATAN", _NUMBER, NUMBER, atan, server_only=True),
    Function("ATAN2", takes("x: number", "y: number"), NUMBER, atan2, server_only=True),
    Function("ACOT", _NUMBER, NUMBER, acot, server_only=True),
    Function("DISTANCE", takes("first: text", "second: text"), NUMBER, distance, server_only=True),
)
