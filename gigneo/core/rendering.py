"""Jinja with its most travelled paths made short: what one page does hundreds of times takes no detour.

A page calls some 150 functions and macros and shows some 200 values. Jinja asks of each call whether it wants a context,
and wraps each value in a ``Markup`` that is joined at once. What is shown does not change by a byte; ``tests/kernel``
compares both ways.
"""

from collections.abc import Mapping, MutableMapping
from types import CodeType
from typing import Any, Final

from flask.templating import Environment
from jinja2 import BytecodeCache, Template
from jinja2.bccache import Bucket
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup

from gigneo.core.page_code import FUNCTIONS, WANTS_EVAL_CONTEXT, PageCode

try:
    from markupsafe._speedups import _escape_inner as escaped_text
except ImportError:  # a platform without the compiled part
    from markupsafe._native import _escape_inner as escaped_text

_BODY: Final = frozenset({"caller"})
_OF_DICTIONARIES: Final = frozenset(dir(dict))
_NOTHING: Final[frozenset[str]] = frozenset()


def shown(value: Any) -> str:
    """Return a value as it enters a page, escaped unless it is markup; as plain text, for it is joined with its neighbours."""
    kind = type(value)
    if kind is str:
        return escaped_text(value)
    if kind is not Markup:
        value = value.__html__() if hasattr(kind, "__html__") else escaped_text(str(value))
    text: str = value
    return text


def _marked(text: str) -> Markup:
    """Call text markup, past the question whether it has more to say about itself."""
    return str.__new__(Markup, text)


def filled(text: Markup, values: Mapping[str, Any]) -> Markup:
    """Fill the ``%(name)s`` places of markup, as ``text % values`` does: values are escaped unless they are markup."""
    return _marked(str.__mod__(text, {name: each if type(each) is int else shown(each) for name, each in values.items()}))


class PageContext(Context):
    """The variables of a template, with a short way to call what wants nothing from them.

    The template's globals stay in their own dictionary, where Jinja copies them into each context anew.
    """

    def __init__(self, *given: Any, globals: MutableMapping[str, Any] | None = None) -> None:
        super().__init__(*given)
        self.globals: MutableMapping[str, Any] = {} if globals is None else globals
        if len(self.globals) > len(self.environment.globals):  # more than each template has, so what it imports is given it
            own = {name: value for name, value in self.globals.items() if name not in self.environment.globals}
            self.globals_keys, self.parent = set(own), {**own, **self.parent}

    def __contains__(self, name: str) -> bool:
        return self.resolve_or_missing(name) is not missing

    def resolve_or_missing(self, key: str) -> Any:
        """Look a name up: what the template set, what it was given, what the site has."""
        if key in self.vars:
            return self.vars[key]
        if key in self.parent:
            return self.parent[key]
        return self.globals.get(key, missing)

    def derived(self, locals: dict[str, Any] | None = None) -> Context:
        """Return a context that has the variables of a scope as well."""
        made = PageContext(self.environment, {**self.get_all(), **(locals or {})}, self.name, {}, globals=self.globals)
        made.eval_ctx = self.eval_ctx
        made.blocks.update((name, list(blocks)) for name, blocks in self.blocks.items())
        return made

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template, as :meth:`jinja2.runtime.Context.call` does."""
        kind = type(called)
        if kind is Macro:
            return self._call_macro(called, args, kwargs)
        if kind not in FUNCTIONS:
            return super().call(called, *args, **kwargs)
        wanted = getattr(called, "jinja_pass_arg", None)
        if wanted is not None and wanted is not WANTS_EVAL_CONTEXT:
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        try:
            return called(*args, **kwargs) if wanted is None else called(self.eval_ctx, *args, **kwargs)
        except StopIteration:  # would end the page without a word
            return self.environment.undefined("value was undefined because a callable raised a StopIteration exception")

    def _call_macro(self, called: Macro, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Go straight to a macro's function, if it is given positional arguments and at most what ``{% call %}`` brings."""
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        absent = called._argument_count - len(args)
        catches = called.catch_kwargs or called.catch_varargs or called.explicit_caller
        if catches or absent < 0 or kwargs.keys() != (_BODY if called.caller else _NOTHING):
            return called(self.eval_ctx, *args, **kwargs)
        text: str = called._func(*args, *((missing,) * absent), *kwargs.values())
        return _marked(text) if self.eval_ctx.autoescape else text


class PageTemplate(Template):
    """A template whose contexts are made without copying the site's globals."""

    def new_context(
        self, vars: dict[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> Context:
        """Return the variables of one rendering; see :meth:`jinja2.Template.new_context`."""
        given = {} if vars is None else vars
        if locals:
            given = {**given, **{name: value for name, value in locals.items() if value is not missing}}
        return PageContext(self.environment, given, self.name, self.blocks, globals=self.globals)


class CompiledTemplates(BytecodeCache):
    """What templates were compiled to, kept as long as the process: the next site's templates are mostly the same."""

    def __init__(self) -> None:
        self._kept: Final[dict[tuple[str, frozenset[tuple[str, Any]]], tuple[str, CodeType]]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if its source is the same."""
        checksum, code = self._kept.get((bucket.key, _functions(bucket)), (None, None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code with the checksum of its source, in place of that of its former source."""
        if bucket.code is not None:
            self._kept[bucket.key, _functions(bucket)] = bucket.checksum, bucket.code


def _functions(bucket: Bucket) -> frozenset[tuple[str, Any]]:
    """Return what a template's code depends on besides its source: the site's functions, and which want a context."""
    functions = ((name, each) for name, each in bucket.environment.globals.items() if type(each) in FUNCTIONS)
    return frozenset((name, getattr(each, "jinja_pass_arg", None)) for name, each in functions)


_COMPILED: Final = CompiledTemplates()


class PageEnvironment(Environment):
    """The Jinja environment of a site."""

    context_class = PageContext
    template_class = PageTemplate
    code_generator_class = PageCode

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"cache_size": -1, "bytecode_cache": _COMPILED, **kwargs})

    def get_template(
        self, name: str | Template, parent: str | None = None, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        """Return a template by its name; one that was loaded stays, unless templates are to be watched."""
        if globals is not None or self.auto_reload or type(name) is not str:
            return super().get_template(name, parent, globals)
        loaded: Any = self.cache  # each overlay has its own; Jinja's keys are no names
        found: Template | None = loaded.get(name)
        if found is None:
            found = loaded[name] = super().get_template(name, parent, globals)
        return found

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return what a dot means, as Jinja does: an attribute, else an item; few dots mean an attribute of a dictionary."""
        if type(obj) is dict and attribute not in _OF_DICTIONARIES:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give each template its own copy of the site's globals, which are complete by then; Jinja's chain is slow to read."""
        return {**self.globals, **(d or {})}

    def _generate(self, *args: Any, **kwargs: Any) -> str:
        """Write a template's code, with our escaping in place of Jinja's; no line moves."""
        first, rest = super()._generate(*args, **kwargs).split("\n", 1)
        return f"{first}; from gigneo.core.rendering import shown as escape\n{rest}"
