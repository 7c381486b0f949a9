"""Real actions: what leads to each row of the table, and the last step, after which is looked who was told."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from gigneo.core.clock import MovableClock
from gigneo.core.settings import write_settings
from gigneo.core.tasks.loop import TaskLoop
from gigneo.plugins.disputes import settling as disputes
from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.jobs.posting import close_as_administrator
from gigneo.plugins.messages import api as messages
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews import api as reviews
from gigneo.plugins.reviews.moderating import moderate, report
from gigneo.testing.fixtures import Someone
from tests.plugins.orders.conftest import Market, upload
from tests.plugins.orders.trying import USE_CASES

JOB = {"title": "Translate our menu", "description": "Into Swedish."}
TERMS = {"price_minor": 21_000, "days": 6, "revisions": 2, "cover": "I am from Malmö."}
WHY = {"reason": "late", "description": "It was due yesterday."}
DONE = (("pay", "employer"), ("deliver_final", "freelancer"), ("approve", "employer"))
BEFORE: dict[str, tuple[tuple[str, str], ...]] = {
    "pay": (),
    "drop": (),
    "expire": (),
    "give_feedback": (("pay", "employer"), ("deliver_draft", "freelancer")),
    "request_revision": (("pay", "employer"), ("deliver_final", "freelancer")),
    "extend_review": (("pay", "employer"), ("deliver_final", "freelancer")),
    "remind": (("pay", "employer"), ("deliver_final", "freelancer")),
    "complete": (("pay", "employer"), ("deliver_final", "freelancer"), ("remind", "system")),
    "approve": (("pay", "employer"), ("deliver_final", "freelancer")),
    "withdraw_extension": (("pay", "employer"), ("request_extension", "freelancer")),
    "accept_extension": (("pay", "employer"), ("request_extension", "freelancer")),
    "decline_extension": (("pay", "employer"), ("request_extension", "freelancer")),
    "withdraw_cancellation": (("pay", "employer"), ("request_cancellation", "employer")),
    "reject_cancellation": (("pay", "employer"), ("request_cancellation", "employer")),
    "approve_cancellation": (("pay", "employer"), ("request_cancellation", "employer")),
    "silence": (("pay", "employer"), ("request_cancellation", "employer")),
    "cancel_by_silence": (("pay", "employer"), ("request_cancellation", "employer")),
    "cancel_late": (("pay", "employer"), ("mark_late", "system")),
    "administrator_refund": (("pay", "employer"), ("deliver_final", "freelancer"), ("approve", "employer")),
    "ask_administrator": (("pay", "employer"), ("request_cancellation", "employer"), ("reject_cancellation", "freelancer")),
    "administrator_answer": (
        ("pay", "employer"),
        ("request_cancellation", "employer"),
        ("reject_cancellation", "freelancer"),
        ("ask_administrator", "employer"),
    ),
    "withdraw_dispute": (("pay", "employer"), ("open_dispute", "employer")),
    "close_dispute": (("pay", "employer"), ("open_dispute", "employer")),
    "review": DONE,
    "second_review": (*DONE, ("review", "employer")),
    "review_time_over": (*DONE, ("review", "employer")),
    "reply": (*DONE, ("review", "employer"), ("review_time_over", "system")),
    "report": (*DONE, ("review", "employer"), ("review_time_over", "system")),
    "hide_review": (*DONE, ("review", "employer"), ("review_time_over", "system")),
}
"""What happens before; anything else needs an order that is paid."""
PASSES = {
    "expire": timedelta(hours=25),
    "remind": timedelta(days=2, hours=1),
    "complete": timedelta(days=1),
    "mark_late": timedelta(days=11, hours=1),
    "silence": timedelta(hours=49),
    "cancel_by_silence": timedelta(hours=49),
    "cancel_late": timedelta(hours=25),
    "review_time_over": timedelta(days=14, hours=1),
}
"""How long it takes until it happens, or may be done."""


@dataclass
class Story:
    """One order, or one job, up to the last step of a row."""

    market: Market
    administrator: Someone
    rival: Someone
    order: Any = None
    dispute_id: int = 0
    proposal_id: int = 0
    number: str = ""
    review_id: int = 0

    @property
    def places(self) -> tuple[str, ...]:
        """Where what was told leads to."""
        if self.number:
            return f"/jobs/{self.number}", *((f"/orders/{self.order.number}",) if self.order else ())
        dispute = (f"/admin/disputes/{self.dispute_id}",) if self.dispute_id else ()
        review = (f"/admin/reviews/{self.review_id}",) if self.review_id else ()
        return f"/orders/{self.order.number}", f"/admin/orders/{self.order.number}", *dispute, *review

    def begin(self, act: str) -> None:
        """Do what happens before, and let its facts be told."""
        self.choose(silence_approves=act == "cancel_by_silence", cancel_when_late=act == "cancel_late")
        self.switch_disputes(on=act not in {"ask_administrator", "administrator_answer"})
        if act in {"propose", "hire", "pay_hired", "change_job", "close_job"}:
            self.number = self.market.do(jobs.post_job, self.market.employer.id, **JOB)
            if act != "propose":
                self.do("propose", "freelancer")
            if act == "pay_hired":
                self.market.do(jobs.propose, self.number, self.rival.id, **TERMS)
                self.do("hire", "employer")
        elif act != "place":
            self.do("place", "employer")
            for step, who in BEFORE.get(act, (("pay", "employer"),)):
                self.do(step, who)
        TaskLoop(self.market.runtime).run_due()

    def do(self, act: str, who: str) -> None:
        """Take one step."""
        market = self.market
        if act in PASSES:
            clock = market.runtime.clock
            assert isinstance(clock, MovableClock)
            clock.move_by(PASSES[act])
            TaskLoop(market.runtime).run_due()
        if who == "system":
            return
        people = {"employer": market.employer, "freelancer": market.freelancer, "administrator": self.administrator}
        actor = people[who].id
        special = {
            "place": self._place,
            "open_dispute": self._dispute,
            "dispute_waits": self._dispute,
            "withdraw_dispute": lambda actor: market.do(disputes.withdraw, self.order.id, actor),
            "close_dispute": lambda actor: market.do(disputes.close, self.dispute_id, actor, "It is settled."),
            "administrator_refund": lambda actor: market.do(
                orders.refund_as_administrator, self.order.id, actor, amount_minor=100, reason="Half of it was missing."
            ),
            "propose": self._propose,
            "hire": self._hire,
            "change_job": lambda actor: market.do(jobs.change_job, self.number, actor, **{**JOB, "description": "Into Danish."}),
            "pay_hired": lambda actor: market.do(orders.pay, self.order.id, actor),
            "close_job": self._close_job,
            "review": self._review,
            "second_review": self._review,
            "reply": lambda actor: market.do(reviews.reply, self.order.id, actor, text="Thank you."),
            "report": lambda actor: market.do(report, self.review_id, actor, reason="It is not true."),
            "hide_review": lambda actor: market.do(moderate, self.review_id, actor, decision="hide", reason="It is rude."),
            "attach": lambda actor: market.do(orders.add_files, self.order.id, actor, "reference", [upload("plan.pdf")]),
            "write": lambda actor: market.do(messages.send, self.order.id, actor, "When can you begin?"),
        }
        if act in special:
            special[act](actor)
        else:
            use_case, typed = USE_CASES[act]
            market.do(use_case, self.order.id, actor, **typed)

    def choose(self, **values: bool) -> None:
        """Change the operator's choices about orders, where they are others."""
        if values.items() <= self.market.dispatcher.site.settings["orders"].items():
            return
        with self.market.runtime.write() as session:
            write_settings(session, "orders", values)
        self._move()

    def switch_disputes(self, *, on: bool) -> None:
        """Switch disputes on or off, unless they are; where they are on, nobody asks the administrator."""
        if on == ("disputes" in self.market.dispatcher.site.modules):
            return
        with self.market.runtime.write() as session:
            session.execute(text("UPDATE module_state SET wanted = :on WHERE name = 'disputes'"), {"on": on})
        self._move()

    def _move(self) -> None:
        with self.market.runtime.write() as session:
            session.execute(text("UPDATE site_state SET revision = revision + 1"))
        self.market.dispatcher.refresh_now()

    def _place(self, actor: int) -> None:
        self.order = self.market.do(orders.place, self.market.terms(), actor)

    def _dispute(self, actor: int) -> None:
        self.dispute_id = self.market.do(disputes.open_dispute, self.order.id, actor, **WHY)

    def _propose(self, actor: int) -> None:
        self.proposal_id = self.market.do(jobs.propose, self.number, actor, **TERMS)

    def _hire(self, actor: int) -> None:
        hired = self.market.do(jobs.hire, self.proposal_id, actor, pay=False)
        self.order = self.market.facts(hired.order_id)

    def _close_job(self, actor: int) -> None:
        if actor == self.market.employer.id:
            self.market.do(jobs.close_job, self.number, actor)
        else:
            self.market.do(close_as_administrator, self.number, actor, "It is no job.")

    def _review(self, actor: int) -> None:
        self.review_id = self.market.do(reviews.write_review, self.order.id, actor, rating=4, text="It was a pleasure.")
