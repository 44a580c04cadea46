"""The part of JSON Schema that samples/schemas/ uses, with Python's standard library. Unknown keywords are an error, not passed over."""
import json
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "samples", "schemas")
TYPES = {"object": dict, "string": str, "array": list, "boolean": bool}
NOTES = {"$schema", "title", "description"}


def read(name):
    with open(os.path.join(FOLDER, name + ".schema.json"), encoding="utf-8") as f:
        return json.load(f)


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def same(a, b):
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def check_object(value, schema, where):
    found = [f"{where}: {key} is missing" for key in schema.get("required", ()) if key not in value]
    for key, member in value.items():
        if key in schema.get("properties", {}):
            found += problems(member, schema["properties"][key], f"{where}.{key}")
        elif schema.get("additionalProperties") is False:
            found.append(f"{where}: {key} is not in the schema")
        elif isinstance(schema.get("additionalProperties"), dict):
            found += problems(member, schema["additionalProperties"], f"{where}.{key}")
    return found


RULES = {
    "type": lambda v, x, w, s: [] if is_type(v, x) else [f"{w}: {v!r} is no {x}"],
    "const": lambda v, x, w, s: [] if same(v, x) else [f"{w}: {v!r} is not {x!r}"],
    "enum": lambda v, x, w, s: [] if any(same(v, one) for one in x) else [f"{w}: {v!r} is none of {x!r}"],
    "pattern": lambda v, x, w, s: [] if not isinstance(v, str) or re.search(x, v) else [f"{w}: {v!r} does not match {x}"],
    "minLength": lambda v, x, w, s: [] if not isinstance(v, str) or len(v) >= x else [f"{w}: {v!r} is shorter than {x}"],
    "minimum": lambda v, x, w, s: [] if not is_type(v, "number") or v >= x else [f"{w}: {v!r} is less than {x}"],
    "maximum": lambda v, x, w, s: [] if not is_type(v, "number") or v <= x else [f"{w}: {v!r} is more than {x}"],
    "multipleOf": lambda v, x, w, s: [] if not is_type(v, "number") or abs(v / x - round(v / x)) < 1e-9 else [f"{w}: {v!r} is no multiple of {x}"],
    "items": lambda v, x, w, s: [p for i, one in enumerate(v) for p in problems(one, x, f"{w}[{i}]")] if isinstance(v, list) else [],
    "minItems": lambda v, x, w, s: [] if not isinstance(v, list) or len(v) >= x else [f"{w}: fewer than {x} items"],
    "maxItems": lambda v, x, w, s: [] if not isinstance(v, list) or len(v) <= x else [f"{w}: more than {x} items"],
    "oneOf": lambda v, x, w, s: [] if sum(not problems(v, one, w) for one in x) == 1 else [f"{w}: {v!r} is not one of the forms"],
    "properties": lambda v, x, w, s: check_object(v, s, w) if isinstance(v, dict) else [],
    "required": lambda v, x, w, s: [],              # with properties
    "additionalProperties": lambda v, x, w, s: [],  # with properties
}


def problems(value, schema, where="line"):
    """What is wrong with the value, a sentence each."""
    found = []
    for keyword, wanted in schema.items():
        if keyword not in NOTES:
            found += RULES[keyword](value, wanted, where, schema)
    return found
