"""Tasks: once, later, again, and never lost."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlmodel import select, update

from gigneo.contributions import PeriodicTask, TaskHandler
from gigneo.core.current import present
from gigneo.core.db.models import Task
from gigneo.core.db.uow import reading, writing
from gigneo.core.revision import bump_revision
from gigneo.core.tasks import store
from gigneo.core.tasks.events import NotAnEvent, emit, event_of
from gigneo.core.tasks.loop import TaskLoop
from tests.kernel.db.small import Account, CoinTossed, Listener, Plugin, SmallRuntime, count

HOUR = timedelta(hours=1)


@pytest.fixture
def ran() -> list:
    """What the handler of the plugin ``shop`` was called with."""
    return []


@pytest.fixture
def shop(runtime, ran) -> SmallRuntime:
    """A site with the plugin ``shop``, which notes each run."""
    runtime.use(shop=Plugin((TaskHandler("shop.close", lambda payload, session: ran.append(payload)),)))
    return runtime


def task_of(engines, key: str) -> Task:
    with reading(engines) as session:
        return session.exec(select(Task).where(Task.key == key)).one()


def schedule(engines, key: str, due_at, kind: str = "shop.close", **payload) -> None:
    with writing(engines, revision=None) as session:
        store.schedule(session, kind, key, due_at, payload)


def toss(runtime: SmallRuntime, number: int = 1) -> None:
    with writing(runtime.engines, revision=None) as session:
        emit(session, CoinTossed(number, runtime.clock.now()), runtime.site)


def test_a_fact_reaches_each_subscriber_once(runtime, loop, engines, clock):
    heard = []
    runtime.use(
        one=Listener(heard=lambda event, session: heard.append(("one", event))),
        two=Listener(heard=lambda event, session: heard.append(("two", event))),
        deaf=Plugin(),
    )
    event = CoinTossed(7, clock.now(), (1, 2))
    with writing(engines, revision=None) as session:
        emit(session, event, runtime.site)
    assert loop.run_due() == 2
    assert sorted(heard) == [("one", event), ("two", event)]
    assert loop.run_due() == 0
    assert count(engines, "task", "state = 'done'") == 2


def test_a_fact_of_an_action_that_fails_reaches_nobody(runtime, loop, engines, clock):
    heard = []
    runtime.use(one=Listener(heard=lambda event, session: heard.append(event)))
    with pytest.raises(ZeroDivisionError), writing(engines, revision=None) as session:
        emit(session, CoinTossed(7, clock.now()), runtime.site)
        raise ZeroDivisionError
    assert loop.run_due() == 0
    assert heard == []


def test_only_an_event_can_be_emitted_and_delivered(runtime, engines):
    with pytest.raises(NotAnEvent), writing(engines, revision=None) as session:
        emit(session, Account(name="no event"), runtime.site)
    with pytest.raises(NotAnEvent):
        event_of({"event": "os:system", "values": {}})
    with pytest.raises(NotAnEvent):
        event_of({"event": "gigneo.hooks:OrderEvent", "values": {}})


def test_a_fact_of_another_version_is_delivered_without_what_it_had_more(clock):
    values = {"number": 1, "at": clock.now(), "colour": "gone since"}
    event = event_of({"event": "tests.kernel.db.small:CoinTossed", "values": values})
    assert event == CoinTossed(1, clock.now())


def test_a_timer_waits_until_it_is_due(shop, loop, engines, clock, ran):
    schedule(engines, "shop:1", clock.now() + 72 * HOUR, id=1, until=clock.now())
    loop.run_due()
    assert ran == []
    clock.move_by(72 * HOUR)
    loop.run_due()
    assert ran == [{"id": 1, "until": clock.now() - 72 * HOUR}]


def test_the_same_key_moves_the_task_and_revives_a_done_one(shop, loop, engines, clock, ran):
    schedule(engines, "shop:1", clock.now(), n=1)
    schedule(engines, "shop:1", clock.now() + HOUR, n=2)
    assert loop.run_due() == 0
    clock.move_by(HOUR)
    assert loop.run_due() == 1
    schedule(engines, "shop:1", clock.now(), n=3)
    assert loop.run_due() == 1
    assert ran == [{"n": 2}, {"n": 3}]
    assert count(engines, "task", "\"key\" = 'shop:1'") == 1


def test_a_task_that_was_taken_back_does_not_run(shop, loop, engines, clock, ran):
    schedule(engines, "shop:1", clock.now())
    with writing(engines, revision=None) as session:
        assert store.unschedule(session, "shop:1")
        assert not store.unschedule(session, "shop:2")
    assert loop.run_due() == 0
    assert ran == []


def test_what_a_handler_did_is_rolled_back_when_its_task_was_taken_back_meanwhile(runtime, loop, engines, clock):
    def run(payload, session):
        session.add(Account(name="too late"))
        session.flush()
        session.execute(update(Task).where(Task.key == "shop:1").values(attempts=9))  # as another process would

    runtime.use(shop=Plugin((TaskHandler("shop.close", run),)))
    schedule(engines, "shop:1", clock.now())
    loop.run_due()
    assert count(engines, "ledger_account") == 0


def test_a_handler_may_move_its_own_task(runtime, loop, engines, clock):
    def run(payload, session):
        store.schedule(session, "shop.close", "shop:1", clock.now() + HOUR, {"n": payload["n"] + 1})

    runtime.use(shop=Plugin((TaskHandler("shop.close", run),)))
    schedule(engines, "shop:1", clock.now(), n=1)
    assert loop.run_due() == 1
    task = task_of(engines, "shop:1")
    assert (task.state, task.payload, task.due_at) == ("waiting", '{"n": 2}', clock.now() + HOUR)


def test_a_handler_and_the_mark_that_it_is_done_are_one_transaction(runtime, loop, engines, clock):
    def run(payload, session):
        session.add(Account(name="half"))
        session.flush()
        raise ZeroDivisionError

    runtime.use(shop=Plugin((TaskHandler("shop.close", run),)))
    schedule(engines, "shop:1", clock.now())
    loop.run_due()
    assert count(engines, "ledger_account") == 0
    assert task_of(engines, "shop:1").state == "waiting"


def test_an_error_is_isolated_retried_with_back_off_and_then_dead(runtime, loop, engines, clock, logged):
    heard = []

    def fails(event, session):
        raise SystemExit("bad plugin")

    runtime.use(bad=Listener(heard=fails), good=Listener(heard=lambda event, session: heard.append(event)))
    toss(runtime)
    assert loop.run_due() == 2
    assert len(heard) == 1
    pauses = []
    while count(engines, "task", "plugin = 'bad' AND state = 'waiting'"):
        with reading(engines) as session:
            due_at = session.exec(select(Task.due_at).where(Task.plugin == "bad")).one()
        pauses.append(due_at - clock.now())
        clock.move_to(due_at)
        loop.run_due()
    assert len(pauses) == 7
    assert all(after > before for before, after in pairwise(pauses))
    with reading(engines) as session:
        (dead,) = store.dead_tasks(session)
        assert (dead.attempts, dead.plugin) == (8, "bad")
        assert "bad plugin" in dead.last_error
    assert len(heard) == 1
    assert [line["plugin"] for line in logged if line["event"] == "task failed"] == ["bad"] * 8
    assert [line["plugin"] for line in logged if line["event"] == "task is dead"] == ["bad"]


def test_a_dead_task_can_be_run_again(runtime, loop, engines, clock, ran):
    runtime.use(shop=Plugin((TaskHandler("shop.close", lambda payload, session: 1 / 0, attempts=1),)))
    schedule(engines, "shop:1", clock.now())
    loop.run_due()
    task = task_of(engines, "shop:1")
    assert task.state == "dead"
    assert loop.run_due() == 0
    runtime.use(shop=Plugin((TaskHandler("shop.close", lambda payload, session: ran.append(payload), attempts=1),)))
    with writing(engines, revision=None) as session:
        assert store.retry(session, task.id, clock.now())
        assert not store.retry(session, task.id, clock.now())
    TaskLoop(runtime).run_due()
    assert ran == [{}]


def test_tasks_of_a_module_that_is_off_wait_untouched(shop, loop, engines, clock, ran):
    schedule(engines, "shop:1", clock.now())
    before = task_of(engines, "shop:1")
    plugins = dict(shop.plugins)
    shop.use()
    assert TaskLoop(shop).run_due() == 0
    assert task_of(engines, "shop:1") == before
    shop.use(**plugins)
    assert TaskLoop(shop).run_due() == 1


def test_a_fact_waits_for_a_subscriber_that_is_off_while_others_hear_of_it(runtime, loop, engines):
    heard = []
    plugins = {name: Listener(heard=lambda event, session, name=name: heard.append(name)) for name in ("one", "two")}
    runtime.use(**plugins)
    toss(runtime)
    runtime.use(one=plugins["one"])
    assert TaskLoop(runtime).run_due() == 1
    assert heard == ["one"]
    assert count(engines, "task", "plugin = 'two' AND state = 'waiting' AND attempts = 0") == 1
    runtime.use(**plugins)
    assert TaskLoop(runtime).run_due() == 1
    assert heard == ["one", "two"]


def test_a_task_whose_module_goes_between_claim_and_run_is_given_back_uncounted(shop, loop, engines, clock, ran):
    schedule(engines, "shop:1", clock.now())
    (claim,) = loop._claim(1)
    with writing(engines, revision=None, toggling=True) as session:
        bump_revision(session)
    shop.plugins = {}
    loop._run(claim)
    task = task_of(engines, "shop:1")
    assert (task.state, task.attempts, ran) == ("waiting", 0, [])


def test_a_task_runs_on_the_new_site_when_the_modules_changed(shop, loop, engines, clock, ran):
    schedule(engines, "shop:1", clock.now())
    (claim,) = loop._claim(1)
    with writing(engines, revision=None, toggling=True) as session:
        bump_revision(session)
    loop._run(claim)
    assert (len(ran), shop.rebuilt) == (1, 1)
    task = task_of(engines, "shop:1")
    assert (task.state, task.attempts) == ("done", 1)


def test_an_attempt_is_counted_before_the_handler_starts_and_a_lease_keeps_others_away(shop, loop, engines, clock, ran):
    schedule(engines, "shop:1", clock.now())
    (claim,) = loop._claim(5)
    assert task_of(engines, "shop:1").attempts == claim.attempts == 1
    assert loop._claim(5) == []
    clock.move_by(timedelta(seconds=59))
    assert loop._claim(5) == []
    clock.move_by(timedelta(seconds=2))
    (again,) = loop._claim(5)
    assert again.attempts == 2


def test_who_lost_its_lease_has_no_effect_any_more(runtime, loop, engines, clock):
    def run(payload, session):
        session.add(Account(name="once"))

    runtime.use(shop=Plugin((TaskHandler("shop.close", run),)))
    schedule(engines, "shop:1", clock.now())
    (slow,) = loop._claim(1)
    clock.move_by(HOUR)
    (fast,) = loop._claim(1)
    loop._run(slow)
    assert count(engines, "ledger_account") == 0
    loop._run(fast)
    loop._run(slow)
    assert count(engines, "ledger_account") == 1
    assert task_of(engines, "shop:1").state == "done"


def test_a_task_that_ends_the_process_each_time_is_dead_at_last(runtime, loop, engines, clock, ran):
    runtime.use(shop=Plugin((TaskHandler("shop.close", lambda payload, session: ran.append(payload), attempts=2),)))
    schedule(engines, "shop:1", clock.now())
    for _ in range(2):
        assert len(loop._claim(1)) == 1
        clock.move_by(HOUR)
    assert loop.run_due() == 1
    assert ran == []
    assert task_of(engines, "shop:1").state == "dead"


def test_a_handler_without_transaction_gets_the_key_and_may_write_itself(runtime, loop, engines, clock):
    def run(payload, key):
        with writing(engines, revision=None) as session:
            session.add(Account(name=key))

    runtime.use(shop=Plugin((TaskHandler("shop.close", run, transactional=False),)))
    schedule(engines, "shop:1", clock.now())
    assert loop.run_due() == 1
    assert count(engines, "ledger_account", "name = 'shop:1'") == 1
    assert task_of(engines, "shop:1").state == "done"


def test_a_handler_lives_by_the_runtimes_clock(runtime, loop, engines, clock):
    seen = []
    runtime.use(shop=Plugin((TaskHandler("shop.close", lambda payload, session: seen.append(present())),)))
    schedule(engines, "shop:1", clock.now())
    loop.run_due()
    assert seen == [clock.now()]


def test_work_that_comes_back_has_one_row_and_re_arms_itself(runtime, engines, clock, ran):
    handler = TaskHandler("shop.count", lambda payload, session: ran.append(clock.now()))
    runtime.use(shop=Plugin((handler,), (PeriodicTask("shop.count", HOUR),)))
    loops = [TaskLoop(runtime), TaskLoop(runtime)]
    start = clock.now()
    for hours in range(1, 4):
        for loop in loops:
            loop.run_due()
        clock.move_to(start + hours * HOUR)
    for loop in loops:
        loop.run_due()
    assert ran == [start + hours * HOUR for hours in (1, 2, 3)]
    assert count(engines, "task", "kind = 'shop.count'") == 1
    assert task_of(engines, "periodic:shop.count").due_at == clock.now() + HOUR


def test_arming_again_moves_nothing_that_waits(engines, clock):
    for hours in (1, 2):
        with writing(engines, revision=None) as session:
            store.arm(session, "shop.count", "periodic:shop.count", clock.now() + hours * HOUR, "shop")
    assert task_of(engines, "periodic:shop.count").due_at == clock.now() + HOUR


def test_work_that_comes_back_is_never_dead(runtime, loop, engines, clock):
    handler = TaskHandler("shop.count", lambda payload, session: 1 / 0, attempts=2)
    runtime.use(shop=Plugin((handler,), (PeriodicTask("shop.count", 24 * HOUR),)))
    loop.run_due()
    for _ in range(2):
        clock.move_to(task_of(engines, "periodic:shop.count").due_at)
        loop.run_due()
    task = task_of(engines, "periodic:shop.count")
    assert (task.state, task.attempts, task.due_at) == ("waiting", 0, clock.now() + 24 * HOUR)
    assert "ZeroDivisionError" in task.last_error


def test_what_was_done_long_ago_is_swept_and_what_is_dead_stays(runtime, loop, engines, clock):
    handlers = (
        TaskHandler("shop.close", lambda payload, session: None),
        TaskHandler("shop.fail", lambda payload, session: 1 / 0, attempts=1),
    )
    runtime.use(shop=Plugin(handlers))
    schedule(engines, "shop:1", clock.now())
    schedule(engines, "shop:2", clock.now(), "shop.fail")
    loop.run_due()
    clock.move_by(store.KEPT_AFTER_DONE - HOUR)
    loop.run_due()
    assert count(engines, "task", "\"key\" = 'shop:1'") == 1
    clock.move_by(24 * HOUR)
    loop.run_due()
    assert count(engines, "task", "\"key\" = 'shop:1'") == 0
    assert count(engines, "task", "\"key\" = 'shop:2' AND state = 'dead'") == 1


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
def test_a_claim_passes_over_what_another_is_claiming_now(shop, engines, clock):
    for number in range(2):
        schedule(engines, f"shop:{number}", clock.now())
    arguments = (clock.now(), HOUR, frozenset({"shop"}), frozenset({"shop.close"}), 1)
    with writing(engines, revision=None) as session:
        (first,) = store.claim(session, *arguments)
        with engines.write.begin() as connection, store.Session(connection) as other:
            (second,) = store.claim(other, *arguments)
    assert {first.key, second.key} == {"shop:0", "shop:1"}


def test_the_oldest_tasks_are_claimed_first_and_no_more_than_asked_for(shop, engines, clock):
    for name, minutes in (("middle", 2), ("young", 3), ("old", 1)):
        schedule(engines, f"shop:{name}", clock.now() + timedelta(minutes=minutes))
    clock.move_by(HOUR)
    with writing(engines, revision=None) as session:
        claims = store.claim(session, clock.now(), HOUR, frozenset({"shop"}), frozenset({"shop.close"}), 2)
    assert [(claim.key, claim.attempts) for claim in claims] == [("shop:old", 1), ("shop:middle", 1)]
    left = task_of(engines, "shop:young")
    assert (left.state, left.attempts, left.lease_until) == ("waiting", 0, None)


def test_run_due_stops_at_its_limit(shop, loop, engines, clock, ran):
    for number in range(5):
        schedule(engines, f"shop:{number}", clock.now() + timedelta(seconds=number), n=number)
    clock.move_by(HOUR)
    assert loop.run_due(3) == 3
    assert ran == [{"n": 0}, {"n": 1}, {"n": 2}]
