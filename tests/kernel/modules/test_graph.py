"""The graph of requirements: one order, and a reason for whatever is left out."""

from pathlib import Path

from gigneo.core.modules.graph import dependents, requirements, resolve
from gigneo.core.modules.manifest import Manifest


def manifests(**modules: dict[str, object]) -> dict[str, Manifest]:
    return {name: manifest(name, **given) for name, given in modules.items()}


def manifest(name: str, **given: object) -> Manifest:
    values: dict[str, object] = {"title": name, "summary": "", "version": "1.0", "author": "", "gigneo": ">=0.1"}
    values |= {"essential": False, "enabled_by_default": False, "package": name, "path": Path(), "distribution": "x"}
    return Manifest(name=name, **(values | given))  # type: ignore[arg-type]


def test_requirements_come_first_then_names() -> None:
    known = manifests(a={"requires": {"z": ""}}, b={}, z={})
    assert resolve(known, known, "0.1").order == ("b", "z", "a")


def test_what_is_wanted_comes_first_when_it_is_there() -> None:
    known = manifests(a={"wants": {"b": ">=1"}}, b={}, c={"wants": {"gone": ""}})
    assert resolve(known, known, "0.1").order == ("b", "a", "c")
    assert resolve(known, ["a", "c"], "0.1").order == ("a", "c")


def test_wishes_in_a_circle_stop_nothing() -> None:
    known = manifests(a={"wants": {"b": ""}}, b={"wants": {"a": ""}})
    resolution = resolve(known, known, "0.1")
    assert resolution.order == ("a", "b") and not resolution.left_out


def test_a_circle_is_named_whole_with_its_dependents_left_out() -> None:
    known = manifests(
        a={"requires": {"b": ""}}, b={"requires": {"c": ""}}, c={"requires": {"a": ""}}, d={"requires": {"c": ""}}, e={}
    )
    resolution = resolve(known, known, "0.1")
    assert resolution.order == ("e",)
    assert all("a → b → c → a" in resolution.left_out[name] for name in "abc")
    assert resolution.left_out["d"].startswith("It requires c, which is left out: These modules require each other")


def test_dependents_of_what_is_left_out_name_the_chain() -> None:
    known = manifests(a={"gigneo": ">=2"}, b={"requires": {"a": ""}}, c={"requires": {"b": ""}})
    out = resolve(known, known, "0.1").left_out
    assert (
        out["c"] == "It requires b, which is left out: It requires a, which is left out: It works with Gigneo >=2; this is 0.1."
    )


def test_reasons_for_missing_wrong_and_switched_off_requirements() -> None:
    known = manifests(a={"requires": {"gone": ">=1"}}, b={"requires": {"d": ">=2"}}, c={"requires": {"off": ""}}, d={}, off={})
    out = resolve(known, ["a", "b", "c", "d", "lost"], "0.1").left_out
    assert out["a"] == "It requires gone >=1, which is not installed."
    assert out["b"] == "It requires d >=2; 1.0 is installed."
    assert out["c"] == "It requires off, which is switched off."
    assert out["lost"] == "Its package is not installed. Its data is kept."


def test_requirements_and_dependents_reach_all_the_way() -> None:
    known = manifests(a={}, b={"requires": {"a": ""}}, c={"requires": {"b": ""}})
    assert requirements(known, "c") == ("a", "b")
    assert dependents(known, "a") == ("b", "c")
