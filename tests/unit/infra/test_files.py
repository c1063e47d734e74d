import io
import os
from datetime import timedelta

import pytest

from runtime.infra import files
from runtime.infra.errors import NotFound, TooLarge
from runtime.infra.settings import Settings, read
from runtime.infra.users import User
from tests.unit.infra.conftest import Acting

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(40)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (b"%PDF-1.7 ...", "application/pdf"),
        ("编码,名称\n".encode(), "text/plain"),
        ("编码".encode()[:-1], "text/plain"),
        (b"<html><script>alert(1)</script>", "text/plain"),
        (b"\xff\xfe\x00\x01", "application/octet-stream"),
        (b"a\x00b", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_sniff__by_content(head: bytes, media_type: str) -> None:
    assert files.sniff(head) == media_type


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("清单.xlsx", "清单.xlsx"),
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\x.doc", "x.doc"),
        ("x.png\r\nX: y", "x.pngX: y"),
        ("\u202egnp.exe", "gnp.exe"),
        (".htaccess", "htaccess"),
        ("", "file"),
        ("a" * 300 + ".pdf", "a" * 146 + ".pdf"),
    ],
)
def test_plain_name(given: str, shown: str) -> None:
    assert files.plain_name(given) == shown


def test_store_and_open(acting: Acting, settings: Settings, li: User) -> None:
    with acting(li.actor("screen")) as act:
        kept = files.store(act, settings, io.BytesIO(PNG), "../图.png")
        assert (kept.name, kept.media_type, kept.size) == ("图.png", "image/png", len(PNG))
        assert kept.name not in str(files.path_of(settings, kept.key))
        with files.open_checked(settings, kept) as opened:
            assert opened.read() == PNG
        files.attach(act, [kept.id], "jxc.item", 5)
        files.attach(act, [kept.id], "jxc.item", 6)
        (again,) = files.several(act.connection, [kept.id, 99])
    assert (again.form, again.record_id) == ("jxc.item", 5)


def test_open__changed_or_lost_on_disk(acting: Acting, settings: Settings) -> None:
    with acting() as act:
        kept = files.store(act, settings, io.BytesIO(PNG), "a.png")
        path = files.path_of(settings, kept.key)
        path.write_bytes(PNG + b"x")
        with pytest.raises(NotFound) as refused:
            files.open_checked(settings, kept)
        assert refused.value.code == "file_changed"
        path.unlink()
        with pytest.raises(NotFound) as refused:
            files.open_checked(settings, kept)
        assert refused.value.code == "file_lost"


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a" * 31, "a" * 32 + "/", "a/" * 16])
def test_path_of__only_our_keys_have_a_place(settings: Settings, key: str) -> None:
    with pytest.raises(NotFound):
        files.path_of(settings, key)


def test_store__too_large_leaves_nothing(acting: Acting, settings: Settings) -> None:
    small = read({"DAJIAN_HOME": str(settings.home), "DAJIAN_UPLOAD_MB": "1"})
    with acting() as act, pytest.raises(TooLarge):
        files.store(act, small, io.BytesIO(bytes(1_000_001)), "a.bin")
    assert list(small.files_folder.iterdir()) == []


def test_store__quota(acting: Acting, settings: Settings, li: User) -> None:
    none = read({"DAJIAN_HOME": str(settings.home), "DAJIAN_UPLOAD_QUOTA_MB": "0"})
    with acting(li.actor("screen")) as act, pytest.raises(TooLarge) as refused:
        files.store(act, none, io.BytesIO(PNG), "a.png")
    assert refused.value.code == "upload_quota"


def test_sweep__only_old_files_without_a_row(acting: Acting, settings: Settings) -> None:
    with acting() as act:
        kept = files.store(act, settings, io.BytesIO(PNG), "a.png")
        now = act.now
    old = (now - timedelta(days=2)).timestamp()
    orphan, fresh = settings.files_folder / ("b" * 32), settings.files_folder / ("c" * 32)
    for path in (orphan, fresh, files.path_of(settings, kept.key)):
        path.write_bytes(b"x")
        os.utime(path, (old, old))
    os.utime(fresh, (now.timestamp(), now.timestamp()))
    with acting() as act:
        assert files.sweep(act.connection, settings, now) == 1
    assert not orphan.exists()
    assert fresh.exists()
