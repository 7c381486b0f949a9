"""Orders are found by numbers, words of titles and names, by whoever may see them, whatever else was typed."""

from collections.abc import Callable, Iterator

import pytest

from gigneo.core.accounts.use_cases import change_profile
from gigneo.plugins.orders import lists, searching
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market

TITLES = (
    "A logo for a bakery in Göttingen",
    "Logotype, re-drawn (2nd try)",
    "The baker's dozen: twelve photos",
    "Ein Straßenschild für Łódź",
    "100% wool – price list",
)
QUERIES = (
    '"', "'", '" OR "a', "logo* AND", "NOT logo", "NEAR(logo bakery)", "logo:*", "a | b", "!logo", "(", "\\", "%", "_", "*",
    f"{searching._MARK}1", searching._MARK, ":", "-",
)  # fmt: skip


def found(market: Market, typed: str, viewer: Someone | None = None) -> set[str]:
    """Return the titles that a search shows to somebody, or to an administrator."""
    with market.runtime.read() as session, market.dispatcher.site.app.app_context():
        search, now = searching.read_search(typed), market.runtime.clock.now()
        if viewer is None:
            page = lists.every_order(session, lists.ADMIN_FILTERS["all"], "newest", None, now, search)
        else:
            page = lists.own_orders(session, viewer.id, "service", lists.FILTERS["all"], "newest", None, now, search)
    return {row.title for row in page.rows}


def forget_statements() -> None:
    for cached in (lists._own_statement, lists._every_statement):
        cached.cache_clear()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages of three, and walks of four."""
    monkeypatch.setattr(lists, "PAGE_SIZE", 3)
    monkeypatch.setattr(lists, "WINDOW", 4)
    monkeypatch.setattr(lists, "WIDE_WINDOW", 4)
    forget_statements()
    yield
    forget_statements()


@pytest.fixture(params=[searching.WINDOW, 0], ids=["walk", "index"])
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the walk see everything, or nothing, so that the index has to find it."""
    monkeypatch.setattr(lists, "WINDOW", request.param)
    monkeypatch.setattr(lists, "WIDE_WINDOW", request.param)
    forget_statements()
    yield
    forget_statements()


@both_databases
@pytest.mark.usefixtures("window")
def test_beginnings_of_words_find_titles_whatever_their_case_and_accents(market: Market) -> None:
    logo, logotype, dozen, sign, wool = TITLES
    for title in TITLES:
        market.order("active", title=title)
    for typed, expected in {
        "logo": {logo, logotype},
        "LOGO bak": {logo},
        "bak": {logo, dozen},
        "gottingen": {logo},
        "göttingen": {logo},
        "Go\u0308tt": {logo},
        "strassen": set(),
        "straßen": {sign},
        "łódź": {sign},
        "łodz": {sign},
        "re-drawn": {logotype},
        "2nd": {logotype},
        "100%": {wool},
        "ogo": set(),
        "logo nobody": set(),
    }.items():
        for viewer in (None, market.employer, market.freelancer):
            assert found(market, typed, viewer) == expected, (typed, viewer)


@both_databases
@pytest.mark.usefixtures("window")
def test_what_would_be_a_query_is_only_words(market: Market) -> None:
    market.order("active", title="A poster")
    for typed in QUERIES:
        for viewer in (None, market.employer):
            assert found(market, typed, viewer) == set(), (typed, viewer)


@both_databases
@pytest.mark.usefixtures("window")
def test_people_are_found_by_their_present_names_and_one_s_own_name_finds_nothing(market: Market) -> None:
    market.order("active", title="A poster")
    assert found(market, "mara") == found(market, "jon") == found(market, "poster mara") == {"A poster"}
    assert found(market, "mar", market.employer) == found(market, "jon", market.freelancer) == {"A poster"}
    assert found(market, "jon", market.employer) == found(market, "mar", market.freelancer) == set()
    with market.writing() as session:
        change_profile(session, market.freelancer.id, "Zoë Grönroos", None, None)
    assert found(market, "mara") == set()
    assert found(market, "zoe") == found(market, "GRÖN", market.employer) == found(market, "zo post") == {"A poster"}


@both_databases
@pytest.mark.usefixtures("window")
def test_nobody_finds_what_is_not_theirs(market: Market, people: Callable[..., Someone]) -> None:
    order = market.order("active", title="A poster")
    stranger = people("employer", name="stranger")
    for typed in ("poster", "mara", "jonas", order.number, order.number[:3]):
        assert found(market, typed) == found(market, typed, market.employer) == {"A poster"} or typed in {"mara", "jonas"}
        assert found(market, typed, stranger) == set(), typed


@both_databases
@pytest.mark.usefixtures("window")
def test_numbers_are_found_by_their_beginning(market: Market) -> None:
    orders = [market.order("active", title=f"Poster {index}") for index in range(3)]
    for order in orders:
        for typed in (order.number, f"#{order.number}", order.number[:5]):
            assert order.title in found(market, typed)
            assert order.title in found(market, typed, market.employer)
        assert found(market, order.number) == {order.title}


@both_databases
def test_a_word_that_all_have_and_one_that_is_far_back_are_found_page_by_page(market: Market, small_pages: None) -> None:
    made = [market.order("active", title=f"A poster {'rare' if index % 5 == 0 else ''}") for index in range(11)]
    for typed, expected in (("poster", made), ("rare", made[::5])):
        for read in (lists.every_order, None):
            seen: list[str] = []
            cursor = None
            with market.runtime.read() as session, market.dispatcher.site.app.app_context():
                at, search = market.runtime.clock.now(), searching.read_search(typed)
                while True:
                    if read is not None:
                        page = read(session, lists.ADMIN_FILTERS["all"], "newest", cursor, at, search)
                    else:
                        show = lists.FILTERS["all"]
                        page = lists.own_orders(session, market.employer.id, "service", show, "newest", cursor, at, search)
                    seen += [row.number for row in page.rows]
                    cursor = page.older
                    if cursor is None:
                        break
            assert seen == [order.number for order in reversed(expected)], typed


def test_a_long_walk_is_for_what_the_index_is_slow_with(market: Market) -> None:
    viewer = market.employer.id
    with market.runtime.read() as session, market.dispatcher.site.app.app_context():
        asked = map(searching.read_search, ("12", "mara", "logo", ""))
        found = [searching.with_people(session, search, viewer) for search in asked]
    assert {search.text: search.is_dear for search in found} == {"12": True, "mara": True, "logo": False, "": False}
