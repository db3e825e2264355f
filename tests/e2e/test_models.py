"""The tables against botocore's models: regenerated they must come out the same, and every name that the code calls, sends or reads must be in
the models: a member that is spelled wrong would only ever look like one that is absent."""
import functools
import pathlib
import re
import subprocess
import sys

import botocore.loaders
import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
OPERATIONS = [tuple(line.split("#")[0].split()[:2]) for line in (TOP / "src/aws/operations.txt").read_text().splitlines() if line.split("#")[0].strip()]
FILES = sorted(path for room in ("aws", "kube", "feeds", "actions") for path in (TOP / "src" / room).glob("*.c") if not path.name.endswith(".gen.c"))
NUMBERS = {"integer", "long", "short", "double", "float", "bigDecimal"}
READERS = {"json_text": {"string", "blob"}, "json_text_or": {"string", "blob"}, "FIELD": {"string", "blob"}, "json_flag": {"boolean"},
           "json_int": NUMBERS | {"string"}, "json_number": NUMBERS | {"string"}, "json_when": {"timestamp"}, "json_at": None, "json_object_get": None}
STRING = r'"((?:[^"\\]|\\.)*)"'


@functools.cache
def model(service):
    return botocore.loaders.Loader().load_service_model(service, "service-2")


def closure(service, operation, end):
    """Every shape that the operation's input or output reaches."""
    shapes, found, todo = model(service)["shapes"], {}, []
    root = model(service)["operations"][operation].get(end)
    todo += [root["shape"]] if root else []
    while todo:
        name = todo.pop()
        if name in found:
            continue
        shape = found[name] = shapes[name]
        todo += [ref["shape"] for ref in shape.get("members", {}).values()] + [shape[k]["shape"] for k in ("member", "key", "value") if k in shape]
    return found


def walk(shapes, shape, steps):
    """The shape at the end of the path, or None."""
    for step in steps:
        if shape["type"] == "list" and step.isdigit():
            ref = shape["member"]
        elif shape["type"] == "map":
            ref = shape["value"]
        else:
            ref = shape.get("members", {}).get(step)
        if ref is None:
            return None
        shape = shapes[ref["shape"]]
    return shape


def calls_of(text):
    return sorted(set(pair for pair in re.findall(rf'{STRING},\s*{STRING}', text) if pair in OPERATIONS))


def arguments(text, start):
    """The arguments of a call, split at its own commas; start is just behind its bracket."""
    depth, at, out, quoted = 0, start, [""], False
    while depth >= 0:
        c = text[at]
        if quoted:
            quoted = c != '"'
            if c == "\\":
                out[-1] += c
                at += 1
                c = text[at]
        elif c == '"':
            quoted = True
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        if c == "," and depth == 0 and not quoted:
            out.append("")
        elif depth >= 0:
            out[-1] += c
        at += 1
    return [a.strip() for a in out]


def literal(argument):
    match = re.fullmatch(STRING, argument)
    return match.group(1) if match else None


class Pack:
    """json_pack's format, with the literals among its arguments: dicts and lists of texts; None is what cannot be told."""

    def __init__(self, args):
        self.format, self.args = list(re.sub(r"[\s,:]", "", literal(args[0]))), args[1:]

    def take(self):
        c = self.format.pop(0)
        if c == "{":
            out = {}
            while self.format[0] != "}":
                key = self.take()
                out[key] = self.take()
            self.format.pop(0)
            return out
        if c == "[":
            out = []
            while self.format[0] != "]":
                out.append(self.take())
            self.format.pop(0)
            return out
        argument = self.args.pop(0) if c not in "n" else None
        while self.format and self.format[0] in "?*":
            self.format.pop(0)
        return literal(argument) if c == "s" and argument else None


def keys_of(value):
    return [key for key in value if key] if isinstance(value, dict) else []


def fits(shapes, shape, value):
    if isinstance(value, dict):
        if shape["type"] == "map":
            return all(fits(shapes, shapes[shape["value"]["shape"]], v) for v in value.values())
        members = shape.get("members", {})
        return shape["type"] == "structure" and all(k is None or k in members and fits(shapes, shapes[members[k]["shape"]], v) for k, v in value.items())
    if isinstance(value, list):
        return shape["type"] == "list" and all(fits(shapes, shapes[shape["member"]["shape"]], v) for v in value)
    return value is None or (shape["type"] not in ("structure", "list", "map") and value in shape.get("enum", [value]))


DOCUMENTS = {("trail_events.c", "errorCode"), ("trail_events.c", "requestParameters.name"), ("trail_events.c", "userIdentity.invokedBy"),
             ("alarm_history.c", "oldState.stateValue"), ("alarm_history.c", "newState.stateValue"),
             ("alarm_history.c", "newState.stateReason")}  # members of documents that stand in a string, which no model describes


def test_table_is_what_botocore_gives():
    done = subprocess.run([sys.executable, TOP / "tools/gen-aws-table", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_operations_exist_and_are_sorted():
    assert OPERATIONS == sorted(OPERATIONS) and len(OPERATIONS) == len(set(OPERATIONS))
    for service, operation in OPERATIONS:
        assert operation in model(service)["operations"], f"{service} {operation}"


def test_readers_do_not_write():
    """Only what is marked WRITE may change something: the names of the rest begin as those of readers do."""
    for line in (TOP / "src/aws/operations.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if words and "WRITE" not in words:
            reads = words[1].startswith(("Describe", "Get", "List", "AssumeRole", "Lookup", "Filter", "BatchGet", "Search"))
            others = (("sso-oidc", "CreateToken"), ("iam", "GenerateCredentialReport"), ("logs", "StartQuery"), ("logs", "StopQuery"))  # as IAM sees them too
            assert reads or tuple(words[:2]) in others, line


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(TOP / "src").as_posix())
def test_calls_are_listed(path):
    services = {service for service, _ in OPERATIONS}
    for service, operation in re.findall(r'(?:aws_call|calls_add|aws_exchange)\w*\([^;]*?"([a-z0-9-]+)",\s*"([A-Z]\w+)"', path.read_text()):
        assert service in services and (service, operation) in OPERATIONS, f"{service} {operation} is not in operations.txt"


@pytest.mark.parametrize("path", [p for p in FILES if calls_of(p.read_text())], ids=lambda p: p.relative_to(TOP / "src").as_posix())
def test_what_is_sent_is_in_the_models(path):
    text = path.read_text()
    inputs = [closure(service, operation, "input") for service, operation in calls_of(text)]
    for match in re.finditer(r"\bjson_pack\(", text):
        value = Pack(arguments(text, match.end())).take()
        if path.parent.name == "actions" and not any(key in shape.get("members", {}) for shapes in inputs for shape in shapes.values() for key in keys_of(value)):
            continue  # of the journal, or for a cluster
        assert any(fits(shapes, shape, value) for shapes in inputs for shape in shapes.values()), f"{value} is no input of {calls_of(text)}"
    for key in re.findall(rf"json_object_set(?:_new)?\(input, {STRING}", text):
        assert any(key in shape.get("members", {}) for shapes in inputs for shape in shapes.values()), key


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "feeds" and calls_of(p.read_text())], ids=lambda p: p.name)
def test_what_is_read_is_in_the_models(path):
    text = path.read_text()
    outputs = [closure(service, operation, "output") for service, operation in calls_of(text)]
    # Constants of messages and the like aside: a reader's own path argument is the first literal after the tree.
    for match in re.finditer(r"\b(" + "|".join(READERS) + r")\(", text):
        reader, args = match.group(1), arguments(text, match.end())
        path_of = literal(args[2 if reader == "FIELD" else 1]) if len(args) > 1 else None
        if not path_of or (path.name, path_of) in DOCUMENTS:
            continue
        ends = [walk(shapes, shape, path_of.split(".")) for shapes in outputs for shape in shapes.values()]
        ends = [end for end in ends if end]
        assert ends, f"{reader} {path_of}: no such member in the output of {calls_of(text)}"
        types = READERS[reader]
        assert types is None or any(end["type"] in types for end in ends), f"{reader} {path_of}: is {sorted({end['type'] for end in ends})}"


def test_the_cluster_is_read_right():
    text = (TOP / "src/kube/client.c").read_text()
    shapes = closure("eks", "DescribeCluster", "output")
    root = shapes[model("eks")["operations"]["DescribeCluster"]["output"]["shape"]]
    paths = re.findall(r'"(cluster\.[\w.]+)"', text)
    assert len(paths) >= 3
    for path in paths:
        assert walk(shapes, root, path.split(".")), path


def test_layers_checker_finds_faults():
    subprocess.run([TOP / "tools/check-layers", "--self-test"], check=True)
    subprocess.run([TOP / "tools/check-layers"], check=True, env={"PATH": "/usr/bin:/bin", "srcdir": str(TOP)})
