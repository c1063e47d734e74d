"""Files of print templates at the border of an app: inside packages, by their digest within.

A definition names a file by its digest, so that a draft of many templates stays small and two
versions of an app are compared by what they mean. A package has to bring the file along.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.printing import store

Json = Mapping[str, Any]
_LARGEST: Final = 2_097_152


def taken_in(act: Act, source: Json) -> Json:
    """Keep the files a package brings, and return the app that names them by digest.

    What a file holds is judged where it is opened, in the cage. Raises BadRequest for one that is
    not what its digest says.
    """
    printouts = source.get("printouts")
    if not isinstance(printouts, list) or not any(_content(each) for each in printouts):
        return source
    return {**source, "printouts": [_taken(act, each) for each in printouts]}


def given_out(connection: Connection, source: Json) -> Json:
    """Return an app with the files of its templates in it, as a package has them."""
    printouts = source.get("printouts")
    if not printouts:
        return source
    return {**source, "printouts": [_given(connection, each) for each in printouts]}


def named(source: Json) -> Json:
    """Return an app that names the files of its templates by digest alone, as it runs."""
    printouts = source.get("printouts")
    if not isinstance(printouts, list) or not any(_content(each) for each in printouts):
        return source
    return {**source, "printouts": [_without(each) for each in printouts]}


def _without(printout: Any) -> Any:
    if not _content(printout):
        return printout
    file = {name: value for name, value in printout["file"].items() if name != "content"}
    return {**printout, "file": file}


def _content(printout: Any) -> str:
    file = printout.get("file") if isinstance(printout, Mapping) else None
    content = file.get("content") if isinstance(file, Mapping) else None
    return content if isinstance(content, str) else ""


def _taken(act: Act, printout: Any) -> Any:
    content = _content(printout)
    if not content:
        return printout
    try:
        data = base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise BadRequest("print_file_changed", {"name": str(printout.get("code"))[:40]}) from error
    digest = hashlib.sha256(data).hexdigest()
    if len(data) > _LARGEST or digest != printout["file"].get("sha256"):
        raise BadRequest("print_file_changed", {"name": str(printout.get("code"))[:40]})
    store.keep(act, data)
    return _without(printout)


def _given(connection: Connection, printout: Json) -> Json:
    try:
        data = store.content_of(connection, printout["file"]["sha256"])
    except NotFound:
        # A template whose file was lost is told by whoever prints; the app goes out all the same.
        return printout
    return {**printout, "file": {**printout["file"], "content": base64.b64encode(data).decode()}}
