#!/usr/bin/env python3
"""Runs StableHLO's own test vectors through `podium run`.

    tools/spec_vectors.py FILE.mlir... [--podium BIN] [--jobs N] [--timeout SECONDS] [--json]

The vectors are the files of stablehlo/tests/interpret, stablehlo/tests/math and stablehlo/testdata in
github.com/openxla/stablehlo, as they are. Their functions check their own results with operations that only
StableHLO's interpreter has; each is rewritten to return what it checks and what it expects, and the comparison is
made here, by the rules of stablehlo/tests/CheckOps.cpp.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np

TYPE = r"(?:tensor|tuple)<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>"
VALUE = r"%[\w.$-]+(?:#\d+)?"
# check.expect_eq_const %0, dense<...> {…} : tensor<2xf32> {…}, also in the generic form.
CONSTANT_CHECK = re.compile(
    rf'check\.(?P<kind>expect_\w+)_const (?P<left>{VALUE}),\s*(?P<literal>dense<[^>]*>)'
    rf'(?:, tolerance = (?P<tolerance>\S+))? :\s+(?P<type>{TYPE})(?: *\{{tolerance = (?P<trailing>\S+)[^}}]*\}})?')
GENERIC_CHECK = re.compile(rf'"check\.(?P<kind>expect_\w+)_const"\((?P<left>{VALUE})\) '
                           rf'<\{{value = (?P<literal>dense<[^>]*>) : (?P<type>{TYPE})\}}> : [^\n]*')
VALUE_CHECK = re.compile(
    rf'check\.(?P<kind>expect_\w+) (?P<left>{VALUE}), (?P<right>{VALUE})(?:, tolerance = (?P<tolerance>[^\s:]+))?'
    rf'(?:, max_ulp_difference = (?P<high>\d+))?(?:, min_ulp_difference = (?P<low>\d+))? : (?P<type>{TYPE})[^\n]*')
CALLED_CHECK = re.compile(
    rf'(?:{VALUE} = )?stablehlo\.custom_call @check\.(?P<kind>\w+)\((?P<left>{VALUE}), (?P<right>{VALUE})\)'
    rf'[^\n:]* : \((?P<type>{TYPE}), [^\n]*')
PARALLEL = re.compile(r'(?:(?P<results>%[\w]+)(?::\d+)? = )?"interpreter\.run_parallel"\((?P<inputs>[^)]*)\) *\{'
                      r'[^}]*?programs *= *\[(?P<programs>.*?)\]\s*\} : \((?P<types>.*?)\)\s*->\s*'
                      rf'(?P<result_types>\([^)]*\)|{TYPE})', re.DOTALL)
PROBE = re.compile(r"interpreter\.probe (%\w+), probe_id = \"\w+\"")
MARK = "// was a check"                              # in a rewritten program
CLOSE_ULPS = 3                                       # of check.expect_close as a custom call
TOLERANCE, CALLED_TOLERANCE = 1e-4, 1e-3             # of check.expect_almost_eq, and as a custom call
TYPES = {"i1": np.bool_, "bf16": ml_dtypes.bfloat16, "f16": np.float16, "f32": np.float32, "f64": np.float64,
         "complex<f32>": np.complex64, "complex<f64>": np.complex128}
TYPES |= {f"i{bits}": f"int{bits}" for bits in (8, 16, 32, 64)} | {f"ui{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)}
TYPES |= {f"i{bits}": getattr(ml_dtypes, f"int{bits}") for bits in (2, 4)}
TYPES |= {f"ui{bits}": getattr(ml_dtypes, f"uint{bits}") for bits in (2, 4)}
TYPES |= {"f4E2M1FN": ml_dtypes.float4_e2m1fn, "f6E2M3FN": ml_dtypes.float6_e2m3fn, "f6E3M2FN": ml_dtypes.float6_e3m2fn,
          "f8E8M0FNU": ml_dtypes.float8_e8m0fnu}
TYPES |= {f"f8{name.upper()}": getattr(ml_dtypes, f"float8_{name}")
          for name in ("e3m4", "e4m3", "e4m3fn", "e4m3fnuz", "e4m3b11fnuz", "e5m2", "e5m2fnuz")}


class NotConvertible(Exception):
    """The vector checks nothing that a program can return."""


@dataclasses.dataclass
class Check:
    kind: str            # eq, almost_eq, close
    type: str            # MLIR's
    process: int         # whose result it is
    tolerance: float
    ulps: tuple


@dataclasses.dataclass
class Vector:
    name: str
    text: str
    checks: list         # result 2i is what check i is about, result 2i+1 what it expects
    replicas: int = 1
    partitions: int = 1


def balanced(text, begin):
    """Returns where the bracket at `begin` is closed."""
    depth = 0
    for at in range(begin, len(text)):
        depth += (text[at] in "({[") - (text[at] in ")}]")
        if depth == 0:
            return at
    raise NotConvertible("brackets do not match")


def split_types(text):
    return re.findall(rf"{TYPE}|![\w.]+", text)


def parallel_programs(text):
    """Returns the text with run_parallel as a call of the one program, and what is known of the processes."""
    found = PARALLEL.search(text)
    if not found:
        return text, 1, 1, None, []
    rows = [re.findall(r"@\w+", row) for row in re.findall(r"\[([^\]]*)\]", found["programs"] + "]")]
    programs = sum(rows, [])
    if len(set(programs)) != 1:
        raise NotConvertible("runs different programs at once")
    inputs, types = re.findall(VALUE, found["inputs"]), split_types(found["types"])
    count = len(programs)
    results = split_types(found["result_types"])
    each, gives = len(inputs) // count, results[:len(results) // count]
    arguments, before = ", ".join(f"%argument#{i}" for i in range(each)), ""
    if each:
        kinds = ", ".join(types[:each])
        branches = ", ".join("{ stablehlo.return " + ", ".join(inputs[i * each:(i + 1) * each]) + f" : {kinds} }}"
                             for i in range(count))
        before = (f"""%replica = stablehlo.replica_id : tensor<ui32>
    %partition = stablehlo.partition_id : tensor<ui32>
    %partitions = stablehlo.constant dense<{len(rows[0])}> : tensor<ui32>
    %row = stablehlo.multiply %replica, %partitions : tensor<ui32>
    %place = stablehlo.add %row, %partition : tensor<ui32>
    %process = stablehlo.convert %place : (tensor<ui32>) -> tensor<i32>
    %argument:{each} = "stablehlo.case"(%process) ({branches}) : (tensor<i32>) -> ({kinds})
    """)
    call = f"func.call {programs[0]}({arguments}) : ({', '.join(types[:each])}) -> ({', '.join(gives)})"
    name = found["results"] or "%results"
    call = before + (f"{name}:{len(gives)} = " if gives else "") + call
    return text[:found.start()] + call + text[found.end():], len(rows), len(rows[0]), name, gives


def vector_of(name, chunk):
    """Returns a chunk of a file as a program that returns what it checks; throws NotConvertible."""
    chunk = re.sub(r"^\s*//.*$", "", chunk, flags=re.MULTILINE)
    chunk = PROBE.sub(r"stablehlo.optimization_barrier \1", chunk)
    chunk, replicas, partitions, parallel, gives = parallel_programs(chunk)
    checks, returned = [], []

    def rewritten(found):
        groups = found.groupdict()
        called = found.re is CALLED_CHECK
        left, process = groups["left"], 0
        if parallel and left.split("#")[0] == parallel:
            place = int(left.partition("#")[2] or 0)
            process, left = divmod(place, len(gives))
            left = f"{parallel}#{left}"
        right = groups.get("right") or f"%expected_{len(checks)}"
        high = groups.get("high")
        checks.append(Check(groups["kind"].removeprefix("expect_"), groups["type"], process,
                            float(groups.get("tolerance") or groups.get("trailing") or
                                  (CALLED_TOLERANCE if called else TOLERANCE)),
                            (int(groups.get("low") or 0), int(high) if high else CLOSE_ULPS)))
        returned.extend([left, right])
        return MARK + (f"\n{right} = stablehlo.constant {groups['literal']} : {groups['type']}"
                       if groups.get("literal") else "")

    for pattern in (CONSTANT_CHECK, GENERIC_CHECK, VALUE_CHECK, CALLED_CHECK):
        chunk = pattern.sub(rewritten, chunk)
    if "check." in chunk or "interpreter." in chunk:
        raise NotConvertible("has an operation of the interpreter that no program can stand for")
    if not checks:
        raise NotConvertible("checks nothing")
    types = ", ".join(kind for check in checks for kind in (check.type, check.type))
    function = chunk.rfind("func.func", 0, chunk.index(MARK))
    body = chunk.index("{", closed_signature(chunk, function))
    end = balanced(chunk, body)
    leave = list(re.finditer(r"(?:func\.)?\breturn\b[^\n}]*", chunk[body:end]))[-1]
    chunk = (chunk[:function] + f"func.func public @main() -> ({types}) " + chunk[body:body + leave.start()] +
             f"func.return {', '.join(returned)} : {types}\n" + chunk[body + leave.end():])
    return Vector(name, chunk if re.search(r"^\s*module\b", chunk) else f"module {{ {chunk} }}", checks, replicas,
                  partitions)


def closed_signature(text, function):
    """Returns where the signature of the function at `function` ends and its body begins."""
    at = balanced(text, text.index("(", function)) + 1
    result = re.match(rf"\s*->\s*(?:(?P<one>{TYPE})|(?=\())", text[at:])
    if not result:
        return at
    at += result.end()
    return at if result["one"] else balanced(text, at) + 1


def vectors_of(path):
    """Yields a Vector, or (name, reason) for a chunk that is none."""
    text = path.read_text()
    chunks = re.split(r"^// -----.*$", text, flags=re.MULTILINE)
    for i, chunk in enumerate(chunks):
        name = path.stem if len(chunks) == 1 else f"{path.stem}.{i}"
        try:
            yield vector_of(name, chunk)
        except NotConvertible as reason:
            yield name, str(reason)


def element_type(mlir):
    return np.dtype(TYPES[re.split(r"\d+x|\?x", mlir[len("tensor<"):-1])[-1]])


def load(path, mlir):
    array, wanted = np.load(path), element_type(mlir)
    return array if array.dtype == wanted else array.view(wanted)


def ulps_apart(a, b):
    """Returns how many numbers of the type lie between, as CheckOps.cpp counts them."""
    if a.dtype.kind == "c":
        return np.maximum(ulps_apart(a.real, b.real), ulps_apart(a.imag, b.imag))
    bits, unsigned = a.dtype.itemsize * 8, np.dtype(f"u{a.dtype.itemsize}")
    sign = 1 << (bits - 1)

    def place(x):
        whole = np.ascontiguousarray(x).view(unsigned).astype(object)
        return np.where(whole >= sign, -(whole - sign), whole)
    apart = abs(place(a) - place(b))
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    same = (np.isnan(wide_a) & np.isnan(wide_b)) | (wide_a == wide_b) & ~np.isfinite(wide_a)
    apart = np.where(same, 0, apart)
    return np.where((np.isfinite(wide_a) & np.isfinite(wide_b)) | same, apart, 2**64 - 1)


def difference(check, got, expected):
    """Returns "" where the check holds, else what is wrong with it."""
    if got.shape != expected.shape:
        return f"has dimensions {got.shape} instead of {expected.shape}"
    wide = np.complex128 if got.dtype.kind == "c" else np.float64
    if check.kind == "close":
        apart = ulps_apart(got, expected)
        low, high = check.ulps
        wrong = (apart < low) | (apart > high)
    elif check.kind == "almost_eq":
        a, b = got.astype(wide), expected.astype(wide)
        near = np.maximum(abs(a.real - b.real), abs(a.imag - b.imag)) <= check.tolerance
        wrong = ~((a == b) | near | (np.isnan(a) & np.isnan(b)))
    else:
        wrong = (got != expected) & ~((got != got) & (expected != expected))  # NaN is NaN
    wrong = np.atleast_1d(wrong).astype(bool).ravel()
    if not wrong.any():
        return ""
    at = int(wrong.argmax())
    return (f"{int(wrong.sum())} of {wrong.size} differ; at {at} it is {got.ravel()[at]!r}, "
            f"expected {expected.ravel()[at]!r}")


def run(vector, options):
    """Returns (state, words): agrees, differs, refused, crashed or hung."""
    if vector.partitions > 1:
        return "refused", "runs several partitions without partitioning: podium run has replicas only"
    with tempfile.TemporaryDirectory(prefix="podium-vector-") as folder:
        program, out = pathlib.Path(folder) / f"{vector.name}.mlir", pathlib.Path(folder) / "out"
        program.write_text(vector.text)
        words = [options.podium, "run", program, "--output-dir", out, "--timeout", math.ceil(options.timeout)]
        if vector.replicas > 1:
            words += ["--replicas", vector.replicas]
        try:
            ended = subprocess.run(list(map(str, words)), capture_output=True, text=True, errors="replace",
                                   timeout=2 * options.timeout, check=False)
        except subprocess.TimeoutExpired:
            return "hung", f"not done after {options.timeout} s"
        if ended.returncode:
            said = ended.stderr.strip().replace("\n", " ")
            if "--timeout" in said:
                return "hung", said
            return "crashed" if "died of" in said or "podium: " not in said else "refused", said
        for i, check in enumerate(vector.checks):
            got, expected = (load(out / f"{2 * i + side}.npy", check.type) for side in (0, 1))
            if vector.replicas > 1:
                got, expected = got[check.process], expected[check.process]
            with np.errstate(invalid="ignore"):
                words = difference(check, got, expected)
            if words:
                return "differs", f"check {i}: {words}"
    return "agrees", ""


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--podium", default=os.environ.get("PODIUM_COMMAND", "build/bin/podium"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--json", action="store_true", help="a line for each vector instead of those that do not agree")
    options = parser.parse_args(arguments)
    counts = dict.fromkeys(("agrees", "differs", "refused", "crashed", "hung", "no program"), 0)

    def judge(item):
        return (item.name, *run(item, options)) if isinstance(item, Vector) else (item[0], "no program", item[1])
    items = [item for path in options.files for item in vectors_of(path)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, state, words in pool.map(judge, items):
            counts[state] += 1
            if options.json:
                print(json.dumps({"name": name, "state": state, "words": words}), flush=True)
            elif state != "agrees":
                print(f"{state:10} {name}: {words[:300]}", flush=True)
    print(json.dumps(counts))
    return 0 if counts["differs"] == counts["crashed"] == counts["hung"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
