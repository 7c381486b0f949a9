"""The operator's choices about notifications."""

from gigneo.api import Form, WholeNumberField
from gigneo.api import lazy_gettext as _l


class NotificationSettings(Form):
    """How long notices stay."""

    keep_days = WholeNumberField(
        _l("Days to keep notices"),
        least=1,
        most=3650,
        default=90,
        description=_l("Older ones leave everybody's list, read or not. Mails that were sent are not touched."),
    )
