"""The table prefixes that the kernel keeps for itself; apart from the models, so that a manifest is checked without them."""

from typing import Final

KERNEL_PREFIXES: Final = ("account_", "audit_", "file_", "module_", "setting", "site_", "task", "once_")
