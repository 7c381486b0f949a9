"""What a plugin contributes to a site: frozen descriptions that the kernel collects once per set of modules.

A contribution says what there is; the kernel, or the plugin that owns the place, decides how it looks. Nothing here
imports the kernel or a plugin.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol


class LazyText(Protocol):
    """A text, or a lazily translated one: whatever ``str()`` turns into words."""

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Permission:
    """A right that routes ask for and administrators hold.

    Attributes:
        name: ``<plugin>.<right>``, as in ``orders.manage``.
        label: what it allows, for people.
        roles: the roles that hold it unless it was taken from the person.
    """

    name: str
    label: LazyText
    roles: frozenset[str] = frozenset({"administrator"})


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the dashboard's side bar.

    Attributes:
        name: unique among all menu items.
        label: what the person reads.
        endpoint: the Flask endpoint that it opens.
        icon: a symbol of the theme's icon file.
        position: smaller comes first; the kernel's Home has 0.
        roles: who sees it; empty means every signed-in person.
        badge: gives a count for the person from the page's read session, or ``None``.
    """

    name: str
    label: LazyText
    endpoint: str
    icon: str = "box"
    position: int = 50
    roles: frozenset[str] = frozenset()
    badge: Callable[..., int] | None = None


@dataclass(frozen=True, slots=True)
class DashboardTab:
    """A tab of a dashboard page, such as Services and Jobs of Orders.

    Attributes:
        page: the name of the menu item whose page it joins.
        name: unique on that page; the last part of its address.
        label: what the person reads.
        endpoint: the Flask endpoint that shows it.
        position: smaller comes first.
    """

    page: str
    name: str
    label: LazyText
    endpoint: str
    position: int = 50


@dataclass(frozen=True, slots=True)
class AdminScreen:
    """A screen of the Gigneo area, with its entry in the side bar there.

    Attributes:
        name: unique among all admin screens.
        label: what the administrator reads.
        endpoint: the Flask endpoint that shows it; its path begins with ``/admin/``.
        permission: the right that its route declares; without it the entry is not shown.
        icon: a symbol of the theme's icon file.
        position: smaller comes first.
    """

    name: str
    label: LazyText
    endpoint: str
    permission: str
    icon: str = "gear"
    position: int = 50


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """The operator's choices of one module: one WTForms class becomes one screen at ``/admin/settings/<module>``.

    Attributes:
        form: a ``wtforms.Form`` subclass; its field defaults are the settings' defaults.
        title: heading of the screen; the module's title when absent.
    """

    form: type[Any]
    title: LazyText | None = None


@dataclass(frozen=True, slots=True)
class SlotFragment:
    """A piece of a page at a named place, as in ``{{ slot("order.sidebar", order=order) }}``.

    Attributes:
        slot: the place.
        name: unique in that place.
        template: what is rendered, with what ``render`` returns for it (``None`` shows nothing), or
        render: alone, a function of the slot's arguments that returns markup, or ``None`` for nothing.
        position: smaller comes first.
        fixed: whether it is the same for everybody who reads the same language, as a link of the bar is, or who has the same
            values of ``render``, as a bell with three unread. Its template is then rendered once for them, with nothing of the
            request, the person or the page in reach; the values must be hashable.

    Raises:
        ValueError: it is fixed and has no template.
    """

    slot: str
    name: str
    template: str | None = None
    render: Callable[..., Any] | None = None
    position: int = 50
    fixed: bool = False

    def __post_init__(self) -> None:
        if self.fixed and self.template is None:
            raise ValueError(f"{self.name!r} of {self.slot!r} is fixed, so it takes a template.")


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """A kind of thing that people are told, with what it does for whoever has chosen nothing.

    Attributes:
        name: ``<plugin>.<fact>``, as in ``jobs.hired``. A fact of the process of orders has the owner of its mail's template
            in front: ``orders.order_paid``, and ``reviews.published`` for the hook ``reviews_published``.
        label: what the person chooses about.
        group: the heading under which the preferences list it.
        roles: the roles of those who may be told; empty means everybody. Others are not asked about it.
        bell: whether a notice of it is kept when nobody chose.
        mail: whether it is mailed when nobody chose, or no module lets people choose.
        position: smaller comes first.
    """

    name: str
    label: LazyText
    group: LazyText
    roles: frozenset[str] = frozenset()
    bell: bool = True
    mail: bool = True
    position: int = 50


@dataclass(frozen=True, slots=True)
class PersonBadge:
    """A number about whoever is logged in, at hand on every page as ``person.badges[name]``.

    Attributes:
        name: unique on the site.
        count: gives a scalar subquery, called as ``count(person_id, place)`` with the person of the outer row and the
            part of the site that is looked at, as :func:`gigneo.api.place_of` gives it. It becomes a column of the one
            statement that finds the person of a request, so that it costs no query; it reads tables of its module only.
    """

    name: str
    count: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class TaskHandler:
    """What runs a kind of task.

    Attributes:
        kind: ``<plugin>.<verb>``, as in ``wallet.clear``.
        run: called as ``run(payload, session)``, or as ``run(payload, key)`` when not transactional.
        transactional: the task loop opens one writing transaction, passes its session and marks the task done in it,
            so that effects in the database happen exactly once. Work with the network is not transactional: it gets
            the task's key, to hand on as an idempotency key.
        attempts: how often it is tried before it is *dead*.
    """

    kind: str
    run: Callable[..., None]
    transactional: bool = True
    attempts: int = 8


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """Work that comes back: a task that re-arms itself while the plugin is enabled.

    Attributes:
        kind: the kind of a contributed :class:`TaskHandler`.
        every: the time between two runs.
    """

    kind: str
    every: timedelta


@dataclass(frozen=True, slots=True)
class FileOwner:
    """Who may read the files of one kind of owner: permission comes from the thing that owns the file.

    Attributes:
        kind: ``<plugin>.<thing>``, as in ``orders.order``.
        may_read: called as ``may_read(person, file, session)`` with the file's row: ``owner_id``, and with what it came.
    """

    kind: str
    may_read: Callable[..., bool]


@dataclass(frozen=True, slots=True)
class ContributionCheck:
    """How a plugin that owns a place judges what plugins put there, at each site build.

    Attributes:
        name: unique.
        check: called as ``check(contributions)``; yields ``(item, reason)`` for each conflict. The plugin that contributed
            the item is left out as ``failed``, with the reason.
    """

    name: str
    check: Callable[..., Iterable[tuple[Any, str]]]


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """How a plugin proves that its rows are as they must be, set-wise and from the rows alone; ``gigneo restore`` asks it.

    Attributes:
        name: ``<plugin>.<check>``, as in ``wallet.audit``.
        label: what is looked at, for operators.
        run: called as ``run(session)`` with a session that reads; yields a sentence for each thing that is wrong.
    """

    name: str
    label: LazyText
    run: Callable[..., Iterable[str]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not happen.

    Attributes:
        reason: for the person who asked, a whole sentence.
        code: for programs and tests, stable.
        plugin: who refuses; filled in by the kernel.
    """

    reason: LazyText
    code: str = "refused"
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a contribution may know of the site that it joins.

    Attributes:
        modules: the names of the enabled modules.
        settings: each module's settings.
        currency: the site's currency, ISO 4217.
        demo: whether this is a demo marketplace.
    """

    modules: frozenset[str]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    currency: str = "EUR"
    demo: bool = False
