"""The kernel's own permissions and roles. Those of plugins join them by contribution."""

from typing import Final

from gigneo.contributions import Permission
from gigneo.core.translations import lazy_gettext as _l

ADMINISTRATOR: Final = "administrator"

KERNEL_PERMISSIONS: Final = (
    Permission("admin.enter", _l("Enter the Gigneo area")),
    Permission("modules.manage", _l("Switch modules on and off")),
    Permission("settings.manage", _l("Change settings")),
)
