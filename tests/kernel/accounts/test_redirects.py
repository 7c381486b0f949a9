"""A ``next`` leads to a path of this site or nowhere, however it is written."""

from urllib.parse import urljoin, urlsplit

import pytest

from gigneo.core.accounts.redirects import safe_path

NASTY = (
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "/%09/evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example",
    " //evil.example", "%20//evil.example", "https:evil.example", "https:/evil.example", "https://evil.example",
    "http://localhost@evil.example", "HTTP://evil.example", "javascript:alert(1)", "java\nscript:alert(1)",
    "data:text/html,x", "vbscript:x", "//evil.example%2f..", "/%2f/evil.example", "/%2fevil.example",
    "/%5cevil.example", "/%5c%5cevil.example", "//ëvil.example", "//xn--vil-jma.example", "/.evil.example//",
    "evil.example", "?next=//evil.example", "#", "\x00/evil", "/a\x00b", "http:///evil.example", "/／evil.example",
    "//localhost:80:evil.example", "http://[::1", "/\u2028/evil.example",
)  # fmt: skip
FINE = ("/dashboard", "/orders/8350241/overview", "/services?page=2&sort=price", "/account#log-ins", "/services/a-b_c.d~e")


def leaves_the_site(location):
    resolved = urlsplit(urljoin("http://localhost/login", location.replace("\\", "/").replace("\t", "").replace("\n", "")))
    return resolved.netloc != "localhost" or resolved.scheme != "http"


def test_no_log_in_and_no_log_out_leads_away(browser, ada):
    for target in NASTY:
        fields = {**browser.fields_of("/login"), "email": ada.email, "password": "a long pass phrase", "next": target}
        answer = browser.post("/login", query_string={"next": target}, data=fields)
        assert answer.status_code == 302, f"a bad address must not keep anybody from logging in: {target!r}"
        assert not leaves_the_site(answer.location), (target, answer.location)
        token = browser.fields_of("/account/password")["csrf_token"]
        again = browser.get("/login", query_string={"next": target})
        assert not leaves_the_site(again.location), (target, again.location)
        proof = browser.get("/account/prove", query_string={"next": target})
        assert not leaves_the_site(proof.location), (target, proof.location)
        away = browser.post("/logout", query_string={"next": target}, data={"csrf_token": token, "next": target})
        assert not leaves_the_site(away.location), (target, away.location)


def test_no_sign_up_leads_away(runtime, browser):
    for number, target in enumerate(NASTY[::3]):
        runtime.limits_storage.reset()
        form = {
            "email": f"a{number}@people.example", "name": "A", "role": "employer", "password": "long enough one",
            "password_confirm": "long enough one", "next": target,
        }  # fmt: skip
        answer = browser.submit("/register", form, query_string={"next": target})
        assert answer.status_code == 302, target
        assert not leaves_the_site(answer.location), (target, answer.location)


@pytest.mark.parametrize("target", NASTY)
def test_nasty_targets_are_no_paths_of_ours(target):
    path = safe_path(target)
    assert path is None or not leaves_the_site(path)


def test_paths_of_ours_are_kept(new_browser, ada):
    for target in FINE:
        assert safe_path(target) == target
        form = {"email": ada.email, "password": "a long pass phrase", "next": target}
        assert new_browser().submit("/login", form).location == target
