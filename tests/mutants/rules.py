"""The rules that are broken: what it is, where it stands, how it is broken, and the test that must notice."""

from dataclasses import dataclass
from typing import Final

ORDERS: Final = "gigneo/plugins/orders/"
WRITTEN: Final = "gigneo/core/written.py"
TESTS: Final = "tests/plugins/orders"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and how it is broken.

    Attributes:
        name: what the rule says.
        file: where it stands: a name in ``gigneo/plugins/orders``, or the path of a file elsewhere.
        old: the code that keeps it; it occurs once in the file.
        new: the code that breaks it.
        test: the file of tests that notices, and a part of the test's name.
    """

    name: str
    file: str
    old: str
    new: str
    test: tuple[str, str]

    @property
    def path(self) -> str:
        """Where the rule stands, from the root of the tree."""
        return self.file if "/" in self.file else ORDERS + self.file


ACTIONS: Final = "test_actions.py"
FORMS: Final = "test_forms.py"
REQUESTS: Final = "test_requests.py"
RIGHTS: Final = "test_rights.py"
TIMERS: Final = "test_timers.py"
ADMINISTRATOR: Final = "test_administrator.py"

RULES: Final = (
    # guards and limits
    Rule("no revision at 0 left", "guards.py", "if order.revisions_left != 0:", "if True:", (ACTIONS, "none_left")),
    Rule("feedback needs a draft", "guards.py", "return None if order.draft_at is not None", "return None if True", (REQUESTS, "feedback")),
    Rule("one cancellation request", "guards.py", 'if order.request("cancellation") is None:', "if True:", (REQUESTS, "agreed")),
    Rule("an answer needs a request", "guards.py", 'return None if order.request("cancellation") else', "return None if True else", (REQUESTS, "rejection")),
    Rule("one request for more days", "guards.py", 'if order.request("extension") is None:', "if True:", (REQUESTS, "more_days")),
    Rule("the review is extended once", "guards.py", "if order.review_extended:", "if False:", (REQUESTS, "extended_once")),
    Rule("24 hours late, not less", "guards.py", "timedelta(hours=24)", "timedelta(hours=1)", (TIMERS, "late_order_is_cancelled")),
    Rule("late orders only where allowed", "guards.py", 'if not setting("orders", "cancel_when_late"):', "if False:", (TIMERS, "late_order_is_cancelled")),
    Rule("the administrator after the second revision", "guards.py", "MANY_REVISIONS: Final = 2", "MANY_REVISIONS: Final = 1", (REQUESTS, "second_revision")),
    Rule("the administrator is asked once", "guards.py", 'if order.request("administrator") is not None:', "if False:", (REQUESTS, "rejection")),
    Rule("days to ask for are limited", "extending.py", "if not 1 <= days <= most:", "if False:", (REQUESTS, "more_days")),
    Rule("a text that can't be seen is none", WRITTEN, "return any(unicodedata", "return True or any(unicodedata", (REQUESTS, "reason_must")),
    Rule("texts have a limit", WRITTEN, "if len(kept) > limit:", "if False:", (REQUESTS, "reason_must")),
    Rule("a reason of the operator's list", "requesting.py", "if reason not in cancellation_reasons():", "if False:", (REQUESTS, "reason_must")),
    # rights and stale pages
    Rule("the other side can't", "decisions.py", "if role not in action.actors:", "if False:", (ACTIONS, "each_person")),
    Rule("not in another state", "decisions.py", "if state not in action.states:", "if False:", (ACTIONS, "each_person")),
    Rule("holds stop what they name", "decisions.py", 'return Refusal(order.holds[0].reason, "held") if order.holds else None', "return None", ("test_holds_and_modules.py", "hold")),
    Rule("a stale page does nothing", "steps.py", "if version is not None and version != order.version:", "if False:", (FORMS, "stale")),
    Rule("strangers find nothing", "loaders.py", "order = facts_by_number(read(), number)\n    return order if order is not None and order.role_of(viewer.id) else None", "order = facts_by_number(read(), number)\n    return order", (RIGHTS, "strangers")),
    Rule("no administrator of one's own order", "steps.py", "if administrator and own is not None:", "if False:", (ADMINISTRATOR, "of_their_own")),
    Rule("private tabs stay shut", "admin.py", "if chosen.private and (viewer is None", "if False and (viewer is None", (ADMINISTRATOR, "private")),
    Rule("a form does once", "posting.py", "lambda: do(session))", "lambda: do(session)) if False else do(session)", (FORMS, "sent_twice")),
    # the review time
    Rule("a request stops the review", "clocks.py", "if order.review_until is None:\n        return {}\n    left", "return {}\n    left", (REQUESTS, "review_time_once")),
    Rule("once per final delivery", "requesting.py", " and not step.order.review_stopped", "", (REQUESTS, "review_time_once")),
    Rule("a rejection resumes the review", "requesting.py", '{**_resumed(session, step), "refused_at": step.at}', '{"refused_at": step.at}', (REQUESTS, "does_not_start")),
    Rule("the time goes on with what was left", "clocks.py", 'at + timedelta(seconds=order.review_left_seconds), "review_left', 'at + timedelta(days=3), "review_left', (REQUESTS, "review_time_once")),
    Rule("a hold gives the due date back", "clocks.py", "return order.due_at + (at - since)", "return order.due_at", (REQUESTS, "hold_stops")),
    Rule("a request before the delivery", "clocks.py", "still = asked or bool(order.holds)", "still = bool(order.holds)", (REQUESTS, "under_an_open_request")),
    Rule("a new delivery, a new review", "delivering.py", "**review,", "", (TIMERS, "last_final_delivery")),
    # timers
    Rule("unpaid orders expire", "timetable.py", "if order.state == PENDING else None", "if False else None", (TIMERS, "nobody_pays")),
    Rule("late again for a new due date", "extending.py", 'changes["late_at"] = None', "pass", (TIMERS, "late_once")),
    Rule("silence is fixed when asked", "requesting.py", "waiting.silence_agrees:", 'bool(setting("orders", "silence_approves")):', ("test_silence.py", "had_chosen")),
    Rule("a reminder leaves pages good", "reviewing.py", "event=event, noted=True)", "event=event)", ("test_told.py", "leave_open_pages")),
    Rule("only what was asked is answered", "guards.py", 'return None if order.request("administrator") else', "return None if True else", (ADMINISTRATOR, "answers_what_was_asked")),
    Rule("feedback clears the draft", "reviewing.py", 'changes={"draft_at": None},', "", (REQUESTS, "feedback")),
    Rule("silence moves no money", "requesting.py", 'if waiting is not None and waiting.silence_agrees:', "if True:", (TIMERS, "silence_flags")),
    Rule("a reminder a day before", "clocks.py", "REMIND_BEFORE: Final = timedelta(days=1)", "REMIND_BEFORE: Final = timedelta(hours=1)", (TIMERS, "reminded_of")),
    Rule("the order says when, not the task", "timers.py", "if due > now():", "if False:", (TIMERS, "for_nothing")),
    # facts, records and money
    Rule("a revision is spent", "reviewing.py", '"revisions_used": used,', '"revisions_used": step.order.revisions_used,', (ACTIONS, "counted_down")),
    Rule("the first final delivery decides", "delivering.py", "on_time = order.on_time if order.on_time is not None else", "on_time =", (ACTIONS, "first_final")),
    Rule("a final delivery ends the draft", "delivering.py", '"draft_at": None,', "", (REQUESTS, "feedback")),
    Rule("every end lets requests lapse", "steps.py", "lapse_open(session, order, step.at)", "pass", (REQUESTS, "closes_its_open")),
    Rule("unpaid orders are on no record", "records.py", "if order.started_at is None:", "if False:", (TIMERS, "nobody_pays")),
    Rule("agreement counts against nobody", "requesting.py", "return end(session, step, AGREEMENT, kind=kind)", "return end(session, step, AGREEMENT, against=True, kind=kind)", (REQUESTS, "agreed")),
    Rule("a late cancellation is the freelancer's", "cancelling.py", 'step.role, against=True, kind="cancelled_late"', 'step.role, kind="cancelled_late"', (TIMERS, "late_order_is_cancelled")),
    Rule("a decision settles every hold", "settling.py", "settle_holds(session, step.order, actor_id, why, step.at)", "pass", (ADMINISTRATOR, "completes_or_cancels")),
    Rule("a decision leaves an audit row", "settling.py", 'audit(session, "orders.cancelled"', '(lambda *_, **__: None)(session, "orders.cancelled"', (ADMINISTRATOR, "completes_or_cancels")),
    Rule("an unseen delivery is refused", "delivering.py", "if not text and not given and not file_ids:", "if False:", (ACTIONS, "empty_delivery")),
)  # fmt: skip
