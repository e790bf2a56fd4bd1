"""Names that a script uses and nothing defines: what Python says when it is too late."""

import ast
import builtins
import symtable


def undefined_names(text):
    """The names, sorted. Raises SyntaxError where the text is not Python."""
    table = symtable.symtable(text, "<script>", "exec")
    defined = {
        one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()
    }
    defined |= {one.get_name() for one in table.get_symbols() if one.is_namespace()}
    used = set()
    waiting = [table]
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        used |= {
            one.get_name()
            for one in scope.get_symbols()
            if one.is_referenced() and (scope is table or one.is_global())
        }
    return sorted(used - defined - set(dir(builtins)) - {"__file__"})


def imported_modules(text):
    """The first part of the name of each module that is imported, at whatever depth."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0])
    return found
