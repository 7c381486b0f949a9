"""Tasks: once, later, again, and never lost."""

from datetime import timedelta

from gigneo.contributions import TaskHandler
from gigneo.core.db.uow import writing
from gigneo.core.tasks.events import emit
from gigneo.core.tasks.store import schedule
from tests.kernel.db.small import CoinTossed, Listener, Plugin, count


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


def test_a_timer_waits_until_it_is_due(runtime, loop, engines, clock):
    ran = []
    runtime.use(shop=Plugin(handlers=(TaskHandler("shop.close", lambda payload, session: ran.append(payload)),)))
    with writing(engines, revision=None) as session:
        schedule(session, "shop.close", "shop:1", clock.now() + timedelta(days=3), {"id": 1})
    assert loop.run_due() == 0
    clock.move_by(timedelta(days=3))
    loop.run_due()
    assert ran == [{"id": 1}]
