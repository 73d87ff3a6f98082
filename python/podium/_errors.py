"""The errors of the library, one class for each code that callers handle."""


class Error(Exception):
    """What went wrong: `message` says what was asked, what was found and what to do; `context` says where."""

    code = "UNKNOWN"

    def __init__(self, message, context="", code=None):
        super().__init__(message if not context else f"{message}\n{context}")
        self.message = message
        self.context = context
        if code is not None:
            self.code = code

    def __str__(self):
        return str(self.args[0])


def _kind(name, code, *bases):
    return type(name, (Error, *bases), {"code": code, "__doc__": f"An error of code {code}.", "__module__": "podium"})


InvalidArgument = _kind("InvalidArgument", "INVALID_ARGUMENT", ValueError)
NotFound = _kind("NotFound", "NOT_FOUND", KeyError)
OutOfRange = _kind("OutOfRange", "OUT_OF_RANGE", IndexError)
Unimplemented = _kind("Unimplemented", "UNIMPLEMENTED", NotImplementedError)
Unavailable = _kind("Unavailable", "UNAVAILABLE", RuntimeError)
DeadlineExceeded = _kind("DeadlineExceeded", "DEADLINE_EXCEEDED", TimeoutError)
PermissionDenied = _kind("PermissionDenied", "PERMISSION_DENIED", PermissionError)
ResourceExhausted = _kind("ResourceExhausted", "RESOURCE_EXHAUSTED", MemoryError)
ShapeMismatch = _kind("ShapeMismatch", "SHAPE_MISMATCH", ValueError)
DtypeMismatch = _kind("DtypeMismatch", "DTYPE_MISMATCH", TypeError)
TracedValue = _kind("TracedValue", "TRACED_VALUE", RuntimeError)
Donated = _kind("Donated", "DONATED", RuntimeError)
OutOfMemory = _kind("OutOfMemory", "OUT_OF_MEMORY", MemoryError)
CompileFailed = _kind("CompileFailed", "COMPILE_FAILED", RuntimeError)
CheckpointCorrupt = _kind("CheckpointCorrupt", "CHECKPOINT_CORRUPT", ValueError)
InvalidConfig = _kind("InvalidConfig", "INVALID_CONFIG", ValueError)
InvalidData = _kind("InvalidData", "INVALID_DATA", ValueError)
NotFinite = _kind("NotFinite", "NOT_FINITE", ArithmeticError)
Preempted = _kind("Preempted", "PREEMPTED", RuntimeError)

KINDS = {
    kind.code: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, Error) and kind is not Error
}


def error_of(code, message, context):
    """Returns the error that the library's error of `code` is in Python."""
    return KINDS.get(code, Error)(message, context, code)


__all__ = ["Error", *(kind.__name__ for kind in KINDS.values())]
