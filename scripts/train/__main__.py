"""Runs one step of the training, from any folder: `python scripts/train PRODUCT.STEP …`.

`PRODUCT.STEP` is the module `PRODUCT/STEP.py`, and what follows its name are its own arguments;
without a name the steps are listed. In this folder `python . PRODUCT.STEP …` and
`python -m PRODUCT.STEP …` do the same.
"""

import ast
import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def steps() -> dict[str, str]:
    """The name of each module with a function `main`, and the first sentence on it."""
    found = {}
    for path in sorted([*HERE.glob("[!_]*.py"), *HERE.glob("*/[!_]*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            name = ".".join(path.relative_to(HERE).with_suffix("").parts)
            found[name] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    known = steps()
    if name not in known:
        for step, sentence in known.items():
            print(f"{step:22} {sentence}")
        if name and name not in ("-h", "--help"):
            sys.exit(f"error: there is no step `{name}`")
        return
    sys.argv[:2] = [f"{sys.argv[0]} {name}"]
    importlib.import_module(name).main()


if __name__ == "__main__":
    main()
