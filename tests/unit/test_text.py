"""What people write, as it is shown: nothing of it is lost, and nothing of it runs."""

import pytest

from gigneo.core.text import KEPT_LENGTH, KEPT_LONG, _kept_long, markdown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("see https://a.example/b_c?x=1.", '<p>see <a href="https://a.example/b_c?x=1" rel="nofollow noopener ugc">'),
        ("![a plan](https://a.example/plan.png)", 'rel="nofollow noopener ugc">a plan</a>'),
        ("main.py, e.g. this.is", "<p>main.py, e.g. this.is</p>"),
        ("jo@a.example", "<p>jo@a.example</p>"),
        ("`https://a.example`", "<code>https://a.example</code>"),
        ("[x]: https://a.example", '<p>[x]: <a href="https://a.example"'),
        ("[x]: /<b>", "<p>[x]: /&lt;b&gt;</p>"),
        ("[note]: keep-this\n\nBye.", "<p>[note]: keep-this</p>"),
        ("---", "<hr>"),
        ("7. seven\n8. eight", '<ol start="7">'),
        ("&nbsp;", "<p>&amp;nbsp;</p>"),
        ("&amp;nbsp;", "<p>&amp;nbsp;</p>"),
        ("&#8203;", "<p>&amp;#8203;</p>"),
        ("**Look** at [x](<http://b c.example>)", '<p><strong>Look</strong> at [x](&lt;<a href="http://b"'),
        ("[x](ftp://a.example)", "<p>[x](ftp://a.example)</p>"),
        ("https://xn--80ak6aa92e.com/", ">https://xn--80ak6aa92e.com/</a>"),
        ("<https://a.example/%E2%80%AEgpj.exe>", ">https://a.example/%E2%80%AEgpj.exe</a>"),
        ("//a.example/x ftp://a.example", "<p>//a.example/x ftp://a.example</p>"),
        ("https://a.b/ " * 31, "<p>https://a.b/ https://a.b/"),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        ('https://a.example/"onmouseover=alert(1)', '"onmouseover=alert(1)'),
    ],
)
def test_text_is_shown(typed: str, shown: str) -> None:
    page = markdown(typed)
    assert shown in page
    assert "<img" not in page and "onmouseover" not in page.split(">")[1]


@pytest.mark.parametrize(("before", "indent", "sign", "deepest"), [("", "  ", "-", 9), ("", ">", ">", 19), ("> ", "  ", "-", 9)])
def test_no_word_is_left_out_however_deep_it_stands(before: str, indent: str, sign: str, deepest: int) -> None:
    for depth in range(1, 40):
        typed = "\n".join(f"{before}{indent * step}{sign} word{step}." for step in range(depth))
        page = markdown(typed)
        assert [step for step in range(depth) if f"word{step}." not in page] == []
        assert (page.unescape() == f"<pre>{typed}</pre>") == (depth > deepest)


def test_a_long_text_is_rendered_once_however_often_it_is_read() -> None:
    _kept_long.cache_clear()
    long = "[*_~~" * (KEPT_LENGTH // 4)
    for _ in range(3):
        markdown(long)
    assert (_kept_long.cache_info().misses, _kept_long.cache_info().maxsize) == (1, KEPT_LONG)
