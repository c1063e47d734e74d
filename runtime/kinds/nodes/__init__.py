"""The workflow nodes: one file each, and this tuple."""

from typing import Final

from runtime.infra.registry import Registry
from runtime.kinds.node_type import NodeType
from runtime.kinds.nodes.approve import Approve
from runtime.kinds.nodes.branch import Branch
from runtime.kinds.nodes.calculate import Calculate
from runtime.kinds.nodes.convert import Convert
from runtime.kinds.nodes.copy import CopyTo
from runtime.kinds.nodes.create import Create
from runtime.kinds.nodes.delete import Delete
from runtime.kinds.nodes.end import End
from runtime.kinds.nodes.fill import Fill
from runtime.kinds.nodes.find import Find
from runtime.kinds.nodes.http import Http
from runtime.kinds.nodes.loop import Loop
from runtime.kinds.nodes.notify import Notify
from runtime.kinds.nodes.parallel import Parallel
from runtime.kinds.nodes.post import Post
from runtime.kinds.nodes.subflow import SubFlow
from runtime.kinds.nodes.update import Update
from runtime.kinds.nodes.wait import Wait

NODE_TYPES: Final[Registry[NodeType]] = Registry(
    "workflow node",
    (
        Approve(),
        Fill(),
        CopyTo(),
        Branch(),
        Parallel(),
        SubFlow(),
        Wait(),
        Find(),
        Create(),
        Update(),
        Delete(),
        Convert(),
        Post(),
        Calculate(),
        Notify(),
        Loop(),
        Http(),
        End(),
    ),
)
