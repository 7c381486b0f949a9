"""What the demo adds to the site: the banner, and the log-ins beside the log-in form. Nothing on a site that is no demo."""

from collections.abc import Iterable
from typing import Any

from flask import render_template
from markupsafe import Markup

from gigneo.api import hookimpl, is_demo
from gigneo.contributions import SlotFragment
from gigneo.plugins.demo import people


class DemoPlugin:
    """The demo marketplace."""

    @hookimpl
    def slot_fragments(self) -> Iterable[SlotFragment]:
        """The banner of every page, and the log-ins."""
        return [
            SlotFragment("page.banner", "demo", template="demo/banner.html", fixed=True),
            SlotFragment("login.aside", "demo", render=_log_ins),
        ]


def _log_ins(**_place: Any) -> Markup | None:
    if not is_demo():
        return None
    shown = [person for person in people.LOG_INS if person.told]
    return Markup(render_template("demo/log_ins.html", people=shown, password=people.PASSWORD))


plugin = DemoPlugin()
