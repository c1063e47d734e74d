"""The workflow nodes: one file each, and this tuple."""

from typing import Final

from runtime.infra.registry import Registry
from runtime.kinds.node_type import NodeType
from runtime.kinds.nodes.approval import Approval
from runtime.kinds.nodes.end import End

NODE_TYPES: Final[Registry[NodeType]] = Registry("workflow node", (Approval(), End()))
