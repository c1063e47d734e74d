"""The 48 hostile workbooks, each ending as its expectation says; the damaged ones of the corpus."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.exchange import inspect_file
from runtime.exchange.inspection import inspect_here
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.infra.messages import message

ATTACKS = Path(__file__).parents[2] / "data" / "attacks"
EXPECTED = json.loads((ATTACKS / "bad_xlsx_expected.json").read_text())["files"]
CORPUS = Path(__file__).parents[4] / "shared" / "excel"


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bad")
    subprocess.run(
        [sys.executable, str(ATTACKS / "make_bad_xlsx.py"), str(folder)],
        check=True,
        capture_output=True,
    )
    return {path.name[:3]: path for path in sorted(folder.iterdir())}


def outcome(path: Path) -> tuple[str, str]:
    """How a file ends, and the code or the number of notes that says why."""
    try:
        seen = inspect_here(path, path.name)
    except FileRefused as error:
        return "refuse", error.code
    except FileUnreadable as error:
        return "error", error.code
    return "read", str(len(seen["notes"]))


def test_every_bad_file__ends_as_expected(bad_files: dict[str, Path]) -> None:
    ends = {key: outcome(path) for key, path in bad_files.items()}
    wrong = {key: end for key, end in ends.items() if end[0] != EXPECTED[key]}
    print(f"bad workbooks: {len(ends)} of {len(EXPECTED)} tried, {len(wrong)} wrong")  # noqa: T201
    assert set(ends) == set(EXPECTED)
    assert wrong == {}


def test_every_refusal__is_a_sentence_in_both_languages(bad_files: dict[str, Path]) -> None:
    codes = {end[1] for end in map(outcome, bad_files.values()) if end[0] != "read"}
    for code in codes:
        assert message(code, {}, "zh").endswith("。")
        assert message(code, {}, "en").endswith(".")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("x01", "file_unpacks_too_large"),
        ("x02", "file_too_many_parts"),
        ("x03", "file_doctype"),
        ("x07", "file_doctype"),
        ("x08", "sheet_too_many_columns"),
        ("x10", "sheet_too_many_rows"),
        ("x12", "sheet_bad_address"),
        ("x16", "sheet_merges"),
        ("x24", "file_part_path"),
        ("x25", "file_duplicate_part"),
        ("x26", "file_part_link"),
        ("x30", "file_external_part"),
        ("x32", "file_number_format"),
        ("x33", "file_too_deep"),
        ("x36", "sheet_validations"),
        ("x37", "file_macros"),
        ("x38", "file_is_text"),
        ("x39", "file_is_markup"),
        ("x40", "file_empty"),
        ("x42", "file_old_or_encrypted"),
        ("x45", "file_sizes_disagree"),
        ("x13", "shared_string_missing"),
        ("x28", "sheet_part_missing"),
    ],
)
def test_refusal__names_its_reason(bad_files: dict[str, Path], key: str, code: str) -> None:
    assert outcome(bad_files[key])[1] == code


def test_bad_cells__are_told_by_address(bad_files: dict[str, Path]) -> None:
    found = {
        key: {note["cell"]: note["code"] for note in inspect_file(bad_files[key])["notes"]}
        for key in ("x19", "x20", "x21", "x22", "x23")
    }
    assert found["x19"]["S1!A2"] == "note_formula_without_value"
    # 1e999, NaN, `1,5`, an Arabic digit; 1234567890123456789 is a number of nineteen digits.
    assert {"S1!B3", "S1!B5", "S1!B13", "S1!B16"} <= set(found["x20"])
    assert "S1!B8" not in found["x20"]
    assert "S1!B10" in found["x21"]
    # -1, the 29th of February 1900 that never was, a day after the year 9999.
    assert {"S1!B2", "S1!B5", "S1!B8"} <= set(found["x21"])
    assert found["x22"]["S1!B2"] == "cell_error_value"
    assert set(found["x22"]) >= {"S1!A2", "S1!A3", "S1!B3"}
    assert "note_external_links" in found["x23"].values()


def test_hostile_names__are_data(bad_files: dict[str, Path]) -> None:
    columns = inspect_file(bad_files["x18"])["tables"][0]["columns"]
    names = [column["name"] for column in columns]
    assert names[0] == "<img src=x onerror=alert(1)>"
    assert len(set(names)) == len(names)
    assert all(len(name) <= 130 and "\u202e" not in name and "\n" not in name for name in names)


def test_one_stray_text_after_300_numbers__is_seen(bad_files: dict[str, Path]) -> None:
    codes, qty = inspect_file(bad_files["x47"])["tables"][0]["columns"]
    assert (codes["type"], qty["type"]) == ("text", "integer")
    assert inspect_file(bad_files["x47"])["tables"][0]["n_rows"] == 301


def test_damaged_files_of_the_corpus__get_their_own_sentence() -> None:
    wanted = {
        "090_hz_password.xlsx": "file_encrypted",
        "092_hz_zero_bytes.xlsx": "file_empty",
        "093_hz_lfs_pointer.xlsx": "file_is_pointer",
        "095_hz_bad_crc.xlsx": "file_damaged",
    }
    there = {name: code for name, code in wanted.items() if (CORPUS / name).is_file()}
    print(f"damaged workbooks: {len(there)} tried, {len(wanted) - len(there)} not there")  # noqa: T201
    for name, code in there.items():
        assert inspect_file(CORPUS / name)["refused"]["code"] == code
