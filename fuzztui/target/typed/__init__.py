"""Typed values: arguments beyond the plain kinds, put together of them.

A parameter that is annotated `list[Order]` has a *spec*, a tree of a few sorts of nodes (`spec`), whose leaves are the
plain kinds. Its values are kept *plain*: tuples, numbers, texts and None, hashable, and one Python literal in a file.
Only a process that has loaded the target knows the classes: for each call it builds the values from the plain ones.

`spec` has the nodes, `text` their form in messages, `plain` all that can be said of plain values, `literal` their form
in files, `show` how people see them; `resolve` makes a spec of an annotation, with a module for each family of types in
`families`; `composite` is an argument where no class is known.
"""
