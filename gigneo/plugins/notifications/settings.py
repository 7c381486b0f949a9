"""The operator's choices about notifications."""

from wtforms import Form, IntegerField
from wtforms.validators import InputRequired, NumberRange

from gigneo.api import lazy_gettext as _l


class NotificationSettings(Form):
    """How long notices stay."""

    keep_days = IntegerField(
        _l("Days to keep notices"),
        default=90,
        description=_l("Older ones leave everybody's list, read or not. Mails that were sent are not touched."),
        validators=[InputRequired(), NumberRange(min=1, max=3650)],
    )
