"""Where a template comes from: child, parent, plugin, kernel, and the prefixes that reach the next layer."""

from pathlib import Path

import pytest
from jinja2 import Environment, TemplateNotFound

from gigneo.core.themes import Theme, ThemeError, find_theme, foreign_templates, template_loader


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "grand/theme.toml": 'name = "grand"\ngigneo = ">=0.1,<1"\n',
            "grand/templates/page.html": "grand",
            "grand/templates/only-grand.html": "only grand",
            "grand/static/theme.css": "grand",
            "grand/static/grand.css": "grand",
            "mother/theme.toml": 'name = "mother"\nparent = "grand"\n',
            "mother/templates/page.html": "mother({% include '!parent/page.html' %})",
            "mother/templates/orders/list.html": "mother({% include '!plugin/orders/list.html' %})",
            "mother/templates/orders/row.html": "mother({% include '!parent/orders/row.html' %})",
            "mother/templates/admin/own.html": "a theme's own Modules page",
            "mother/templates/errors/error.html": "mother {% extends '!kernel/errors/error.html' %}",
            "mother/static/theme.css": "mother",
            "child/theme.toml": 'name = "child"\nparent = "mother"\ntitle = "Child"\n',
            "child/templates/page.html": 'child({%- include "!parent/page.html" %})',
            "plugin/templates/orders/list.html": "plugin",
            "plugin/templates/orders/row.html": "plugin row",
            "plugin/templates/wallet/page.html": "an intruder",
            "plugin/templates/page.html": "an intruder",
            "wallet/templates/wallet/page.html": "wallet",
        },
    )


@pytest.fixture
def pages(house: Path) -> Environment:
    dirs = {"orders": house / "plugin/templates", "wallet": house / "wallet/templates"}
    return Environment(loader=template_loader(find_theme("child", [house]), dirs))


def test_each_layer_reaches_the_next_and_none_is_skipped(pages: Environment) -> None:
    assert pages.get_template("page.html").render() == "child(mother(grand))"


def test_a_theme_without_the_template_lets_its_ancestor_give_it(pages: Environment) -> None:
    assert pages.get_template("only-grand.html").render() == "only grand"


def test_a_theme_overrides_and_extends_a_plugins_template(pages: Environment) -> None:
    assert pages.get_template("orders/list.html").render() == "mother(plugin)"
    assert pages.get_template("orders/row.html").render() == "mother(plugin row)"


def test_a_plugin_is_found_only_below_its_own_name(pages: Environment, house: Path) -> None:
    assert pages.get_template("wallet/page.html").render() == "wallet"
    with pytest.raises(TemplateNotFound):
        pages.get_template("!plugin/page.html")
    assert foreign_templates("orders", house / "plugin/templates") == ["page.html", "wallet/page.html"]


def test_a_theme_gives_no_template_of_the_rescue(pages: Environment) -> None:
    with pytest.raises(TemplateNotFound):
        pages.get_template("admin/own.html")
    assert "admin/own.html" not in pages.list_templates()


def test_the_kernel_answers_last_and_can_be_reached_past_all(pages: Environment) -> None:
    assert pages.loader is not None
    bare = pages.loader.get_source(pages, "!kernel/errors/error.html")
    themed = pages.loader.get_source(pages, "errors/error.html")
    assert bare[1] and themed[1] and bare[1] != themed[1] and "core" in bare[1]
    assert pages.loader.get_source(pages, "macros/form.html")[1] == pages.loader.get_source(pages, "!kernel/macros/form.html")[1]


def test_without_a_theme_the_kernel_serves_alone() -> None:
    names = template_loader(None, {}).list_templates()
    assert {"layout/base.html", "layout/page.html", "layout/dashboard.html", "layout/admin.html"} <= set(names)
    assert {"macros/form.html", "macros/ui.html", "errors/error.html"} <= set(names)


@pytest.mark.parametrize(
    "name",
    ["!else/page.html", "!parent/page.html", "!", "../theme.toml", "!plugin/../../theme.toml", "!parent.9/page.html"],
)
def test_a_name_outside_the_chain_is_not_found(pages: Environment, name: str) -> None:
    with pytest.raises(TemplateNotFound):
        pages.get_template(name)


def test_a_childs_static_file_stands_before_its_parents(house: Path) -> None:
    files = find_theme("child", [house]).static_files()
    assert files["theme.css"].read_text() == "mother"
    assert files["grand.css"].read_text() == "grand"


def test_the_shipped_theme_is_there_with_every_layout_and_macro() -> None:
    theme = find_theme("default")
    assert isinstance(theme, Theme) and theme.parent is None and theme.gigneo
    kernel = set(template_loader(None, {}).list_templates())
    assert {"theme.css", "theme.js", "icons.svg", "mark.svg"} <= set(theme.static_files())
    assert kernel <= set(template_loader(theme, {}).list_templates())


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "no theme 'x'"),
        ({"x/theme.toml": 'name = "y"'}, "the folder's is 'x'"),
        ({"x/theme.toml": 'name = "x"\ncolour = "red"'}, "unknown colour"),
        ({"x/theme.toml": "name = "}, "can't be read"),
        ({"x/theme.toml": 'name = "x"\nversion = 1'}, "every value is a text"),
        ({"x/theme.toml": 'name = "x"\nparent = "gone"'}, "the parent of 'x'"),
        ({"x/theme.toml": 'name = "x"\nparent = "y"', "y/theme.toml": 'name = "y"\nparent = "x"'}, "x → y → x"),
    ],
)
def test_a_theme_that_cannot_be_used_says_why(tmp_path: Path, files: dict[str, str], told: str) -> None:
    write(tmp_path, files)
    with pytest.raises(ThemeError, match=told):
        find_theme("x", [tmp_path])
