"""Any function, method or class of a module as a target, by its name: `package.module:function`.

`source` finds it and looks at its definition without importing anything, `load` imports it in a worker; which of its
parameters are given, and how, is one rule for both, in `formals`.
"""
