"""The plain reference of every op: `REFERENCES` of each file here, one file a noun, together."""

import importlib
import pkgutil

REFERENCES = {}
for _file in pkgutil.iter_modules(__path__):
    REFERENCES.update(importlib.import_module(f"references.{_file.name}").REFERENCES)
