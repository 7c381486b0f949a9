"""The catalogue: what is on offer, a page at a time, and what a service shows."""

import pytest

from gigneo.core.refusals import Refused
from gigneo.plugins.services import api as services
from gigneo.plugins.services.offering import slug_of
from gigneo.plugins.services.queries import PAGE
from gigneo.testing.fixtures import Browser
from tests.plugins.services.conftest import Trade, draft


def test_the_home_page_leads_to_categories_and_services(trade: Trade, nobody: Browser) -> None:
    page = nobody.get("/").text
    assert f'href="/services/{trade.slug}"' in page
    assert 'href="/services?category=design"' in page
    assert "€90.00" in page


def test_an_empty_catalogue_says_what_it_is_for(trade: Trade, nobody: Browser) -> None:
    trade.do(services.set_published, trade.slug, trade.freelancer.id, False)
    for address in ("/", "/services"):
        assert "Nothing is on offer yet" in nobody.get(address).text


def test_a_category_shows_its_services_only(trade: Trade, nobody: Browser) -> None:
    other = trade.publish("Proofreading", "Writing")
    assert trade.slug in nobody.get("/services?category=design").text
    assert f"/services/{other}" not in nobody.get("/services?category=design").text
    gone = nobody.get("/services?category=nothing")
    assert (gone.status_code, gone.headers["Location"]) == (303, "/services")


def test_every_service_is_on_exactly_one_page(trade: Trade, nobody: Browser) -> None:
    slugs = {trade.slug, *(trade.publish(f"Service {number:02}") for number in range(PAGE + 3))}
    seen: list[str] = []
    address: str | None = "/services"
    while address:
        page = nobody.get(address)
        seen += [slug for slug in slugs if f'href="/services/{slug}"' in page.text]
        older = page.text.partition('rel="next" href="')[2].partition('"')[0]
        address = older.replace("&amp;", "&") or None
    assert sorted(seen) == sorted(slugs)


@pytest.mark.parametrize("after", ["0", "-1", "x", "9" * 30, "1e3"])
def test_a_page_key_of_nonsense_gives_a_page(trade: Trade, nobody: Browser, after: str) -> None:
    assert nobody.get(f"/services?after={after}").status_code == 200


def test_a_service_shows_its_packages_and_its_text_safely(trade: Trade, nobody: Browser) -> None:
    page = nobody.get(f"/services/{trade.slug}").text
    for shown in ("Basic", "Standard", "Premium", "€210.00", "unlimited", "<strong>draw</strong>", "&lt;b&gt;Rights"):
        assert shown in page
    assert "<script>alert" not in page


def test_an_unpublished_service_exists_for_its_freelancer_only(trade: Trade, nobody: Browser) -> None:
    trade.do(services.set_published, trade.slug, trade.freelancer.id, False)
    address = f"/services/{trade.slug}"
    assert nobody.get(address).status_code == trade.stranger.browser.get(address).status_code == 404
    assert "not published" in trade.freelancer.browser.get(address).text
    assert "Not published" in trade.freelancer.browser.get("/dashboard/services").text


def test_only_its_freelancer_takes_a_service_out_of_the_catalogue(trade: Trade) -> None:
    with pytest.raises(Refused, match="no such service"):
        trade.do(services.set_published, trade.slug, trade.stranger.id, False)


def test_my_services_is_in_the_freelancers_menu_only(trade: Trade) -> None:
    assert 'href="/dashboard/services"' in trade.freelancer.browser.get("/dashboard").text
    assert 'href="/dashboard/services"' not in trade.employer.browser.get("/dashboard").text


def test_two_services_of_one_title_have_two_addresses(trade: Trade) -> None:
    assert trade.publish() == f"{trade.slug}-2"
    assert (slug_of("Ärger mit Ö?"), slug_of("日本")) == ("arger-mit-o", "service")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"summary": " "}, "summary"),
        ({"title": "x" * 121}, "title"),
        ({"packages": []}, "packages"),
        ({"packages": [services.PackageDraft("Basic", "", [], 0, 1, 0)]}, "packages"),
        ({"packages": [services.PackageDraft("Basic", "", [], 1, 1, -1)]}, "packages"),
    ],
)
def test_an_impossible_service_is_refused_by_field(trade: Trade, changed: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        trade.publish(**changed)
    assert refusal.value.field == field


def test_the_drafts_of_these_tests_are_possible() -> None:
    assert len(draft().packages) == 3


@pytest.mark.parametrize(
    "changed", [{"title": "\u200b"}, {"title": "Logo\u202e"}, {"summary": "\u2066x"}, {"description": "\u3164"}]
)
def test_a_service_whose_words_nobody_sees_or_that_turn_what_is_near_is_refused(trade: Trade, changed: dict[str, str]) -> None:
    with pytest.raises(Refused):
        trade.publish(**changed)
