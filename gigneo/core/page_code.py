"""The Python that templates are compiled to, with Jinja's detours left out.

Jinja's code hands each piece of a page through the generators of all layouts around it, and asks of each call whether it wants
a context. Here a block, a layout or an included template gives its text in one piece, and what is known while compiling is not
asked again: which names are the site's functions, and which are macros. What is shown stays the same to the byte, with one
condition: a page that gives a template something under the name of one of the site's functions gives it what is called alike.
"""

from keyword import iskeyword
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final

from jinja2 import nodes, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE

FUNCTIONS: Final = frozenset({FunctionType, MethodType, BuiltinFunctionType})
WANTS_EVAL_CONTEXT: Final = pass_eval_context(lambda _context: None).jinja_pass_arg  # type: ignore[attr-defined]


class PageCode(CodeGenerator):
    """Writes the code of one template."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """Write the whole template."""
        imported = {name if isinstance(name, str) else name[1] for each in node.find_all(nodes.FromImport) for name in each.names}
        self._macros = imported | {each.name for each in node.find_all(nodes.Macro)}
        self._macros -= {each.name for each in node.find_all(nodes.Name) if each.ctx != "load"}
        super().visit_Template(node, frame)

    def blockvisit(self, nodes: Any, frame: Frame) -> None:
        """Write what stands in a template, a block, a loop; the outermost collects the pieces and gives them as one.

        A template with a parent is left to Jinja: only what its parent shows is shown, and Jinja knows when.
        """
        if frame.buffer is not None or frame.require_output_check:
            super().blockvisit(nodes, frame)
            return
        self.buffer(frame)
        super().blockvisit(nodes, frame)
        self.writeline(f"yield concat({frame.buffer})")
        frame.buffer = None

    def visit_Block(self, node: nodes.Block, frame: Frame) -> None:
        """Write the call of a block."""
        if frame.buffer is None or node.required:
            super().visit_Block(node, frame)
            return
        context = self.derive_context(frame) if node.scoped else self.get_context_ref()
        self.writeline(f"{frame.buffer}.extend(context.blocks[{node.name!r}][0]({context}))", node)

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:
        """Write an include."""
        if frame.buffer is None:
            super().visit_Include(node, frame)
            return
        if node.ignore_missing:
            self.writeline("try:")
            self.indent()
        named = isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)
        self.writeline(f"template = environment.{'get_template' if named else 'get_or_select_template'}(", node)
        self.visit(node.template, frame)
        self.write(f", {self.name!r})")
        if node.ignore_missing:
            self.outdent()
            self.writeline("except TemplateNotFound: pass")
            self.writeline("else:")
            self.indent()
        context = f"template.new_context(context.get_all(), True, {self.dump_local_context(frame)})"
        pieces = f"root_render_func({context})" if node.with_context else "_get_default_module()._body_stream"
        self.writeline(f"{frame.buffer}.extend(template.{pieces})")
        if node.ignore_missing:
            self.outdent()

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """Write a call; one of the site's functions or of a macro goes straight there."""
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        plain = not (forward_caller or node.dyn_args or node.dyn_kwargs or any(iskeyword(each.key) for each in node.kwargs))
        if name in self._macros and plain and not node.kwargs:
            self.write("context.call(")
            self.visit(node.node, frame)
            self._arguments(node, frame, first=False)
        elif name and plain and self._is_function(name, frame):
            self.visit(node.node, frame)
            self.write("(")
            wanted = getattr(self.environment.globals[name], "jinja_pass_arg", None)
            if wanted is not None:
                self.write("context.eval_ctx")
            self._arguments(node, frame, first=wanted is None)
        else:
            super().visit_Call(node, frame, forward_caller=forward_caller)

    def _arguments(self, node: nodes.Call, frame: Frame, *, first: bool) -> None:
        for argument in (*node.args, *node.kwargs):
            self.write("" if first else ", ")
            self.visit(argument, frame)
            first = False
        self.write(")")

    def _is_function(self, name: str, frame: Frame) -> bool:
        """Whether a name means a function of the site, not something that the template made, and one that wants no context."""
        reference = frame.symbols.find_ref(name)
        if reference is None or frame.symbols.find_load(reference) != (VAR_LOAD_RESOLVE, name):
            return False
        function = self.environment.globals.get(name)
        wanted = getattr(function, "jinja_pass_arg", None)
        return type(function) in FUNCTIONS and (wanted is None or wanted is WANTS_EVAL_CONTEXT)
