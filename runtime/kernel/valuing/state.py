"""The state of a pool as text: layers, shortages and the last known cost, beside Q and V.

`layers|shortages|last`, empty parts at the end left out, hence '' for a plain (Q, V):
a layer is `qty,value,tag` (its tag as the difference to the one before), a shortage
`move,qty,estimate,true_up`, the last known cost `value/qty`; several are parted by `;`.
"""

from dataclasses import dataclass, field

# A layer: quantity, value, and the move that brought it into this pool (0 where none did).
Layer = tuple[int, int, int]


@dataclass(slots=True)
class Short:
    """Goods given out before they were there, at an estimate; `trued` is its true_up so far."""

    move: int
    qty: int
    estimate: int
    trued: int = 0


@dataclass(slots=True)
class State:
    """What a state text says."""

    layers: list[Layer] = field(default_factory=list)
    short: list[Short] = field(default_factory=list)
    last: tuple[int, int] | None = None


def dump(state: State) -> str:
    """The text of a state; equal states have equal texts."""
    before = 0
    spelled = []
    for qty, value, tag in state.layers:
        spelled.append(f"{qty},{value},{tag - before}")
        before = tag
    short = ";".join(f"{s.move},{s.qty},{s.estimate},{s.trued}" for s in state.short)
    last = "" if state.last is None else f"{state.last[0]}/{state.last[1]}"
    return f"{';'.join(spelled)}|{short}|{last}".rstrip("|")


def load(text: str) -> State:
    """The state a text says."""
    if not text:
        return State()
    layers, _, rest = text.partition("|")
    short, _, last = rest.partition("|")
    state = State()
    tag = 0
    for part in layers.split(";") if layers else ():
        qty, value, step = part.split(",")
        tag += int(step)
        state.layers.append((int(qty), int(value), tag))
    if short:
        state.short = [Short(*map(int, part.split(","))) for part in short.split(";")]
    if last:
        value, qty = last.split("/")
        state.last = int(value), int(qty)
    return state


def tagged_layers(text: str, qty: int, value: int) -> list[Layer]:
    """The layers a pool holds with their tags; a pool without layers is one of unknown origin."""
    found = load(text).layers
    if found or qty <= 0:
        return found
    return [(qty, value, 0)]


def layers(text: str, qty: int, value: int) -> list[tuple[int, int]]:
    """The layers a pool holds, oldest first, as quantities and values."""
    return [(held, worth) for held, worth, _ in tagged_layers(text, qty, value)]
