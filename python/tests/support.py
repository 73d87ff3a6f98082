"""Runs other libraries, which live in an environment of their own, for the tests beside this file."""

import os
import pathlib
import subprocess
import tempfile

import ml_dtypes
import numpy as np
import podium

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("PODIUM_PYTHON", str(SOURCE / "build/venv/bin/python"))


def oracle(script, **arrays):
    """Returns what the script puts into its dictionary `result`: arrays of NumPy by name. It sees the given ones."""
    with tempfile.TemporaryDirectory(prefix="podium-python-") as folder:
        np.savez(pathlib.Path(folder, "given.npz"), **arrays)
        code = "import numpy as np\nglobals().update(np.load('given.npz'))\nresult = {}\n" + script
        ended = subprocess.run([PYTHON, "-c", code + "\nnp.savez('result.npz', **result)"], cwd=folder, text=True,
                               capture_output=True, env={**os.environ, "JAX_PLATFORMS": "cpu"})  # fmt: skip
        if ended.returncode:
            raise AssertionError(f"the oracle failed:\n{ended.stderr}")
        with np.load(pathlib.Path(folder, "result.npz")) as result:
            return dict(result)


def with_podium(script, python=PYTHON):
    """Runs a script in another environment, which has JAX, with this podium too; returns what it prints."""
    folders = [str(pathlib.Path(module.__file__).parents[1]) for module in (podium, ml_dtypes)]
    ended = subprocess.run([python, "-c", f"import sys\nsys.path += {folders!r}\n" + script], text=True,
                           capture_output=True, env={**os.environ, "JAX_PLATFORMS": "cpu"})  # fmt: skip
    if ended.returncode:
        raise AssertionError(f"the script failed:\n{ended.stderr}")
    return ended.stdout
