"""Where something stands on the page, asked once it is there."""

from playwright.sync_api import FloatRect, Locator, expect


def box_of(what: Locator) -> FloatRect:
    """Its place and size; waits until it is to be seen.

    A piece that is just being exchanged is found and has no box: then the new one is asked.
    """
    for _ in range(20):
        expect(what).to_be_visible()
        if box := what.bounding_box():
            return box
    raise AssertionError(f"{what} is exchanged again and again")
