"""`podium plugin`: fetched from a server on this machine, checked, unpacked, listed, removed; and what it refuses."""

import contextlib
import hashlib
import http.server
import json
import os
import pty
import shutil
import subprocess
import threading
import unittest
import zipfile

from command import COMMAND, SOURCE, CommandTest

LIBRARY = os.urandom(3 << 20)  # does not compress: a wheel of several network packets
LICENSE = "Anyone may test with this plugin."
# The variables with which a library or proxy of the machine would take part.
FOREIGN = ("PJRT_NAMES_AND_LIBRARY_PATHS", "TPU_LIBRARY_PATH", "VIRTUAL_ENV", "http_proxy", "HTTP_PROXY", "all_proxy")


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers /NAME with the wheel, spoilt as NAME says."""

    def do_GET(self):
        name, wheel = self.path.rsplit("/", 1)[1], self.server.wheel
        self.server.requests += 1
        if name.startswith("redirect-"):
            self.send_response(302)
            self.send_header("Location", self.server.targets[name])
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"moved")
        elif name == "absent.whl":
            self.send_error(404)
        else:
            body = {"flipped.whl": wheel[:-9] + bytes([wheel[-9] ^ 1]) + wheel[-8:], "short.whl": wheel[:-1000],
                    "long.whl": wheel + b"more"}.get(name, wheel)
            self.send_response(200)
            self.send_header("Content-Length", str(len(wheel if name == "broken.whl" else body)))
            self.end_headers()
            self.wfile.write(body[:100000] if name == "broken.whl" else body)

    def log_message(self, *_):
        pass


class Plugin(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        cls.server.daemon_threads = True
        cls.addClassCleanup(cls.server.server_close)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.shutdown)
        cls.origin = f"http://127.0.0.1:{cls.server.server_port}"
        cls.server.targets = {"redirect-here.whl": f"{cls.origin}/fake.whl", "redirect-away.whl": "http://192.0.2.1/x",
                              "redirect-ever.whl": f"{cls.origin}/redirect-ever.whl"}

    def setUp(self):
        self.environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self.home = self.folder / "home"
        shutil.rmtree(self.home, ignore_errors=True)
        self.environment |= {"XDG_DATA_HOME": str(self.home / "data"), "XDG_CACHE_HOME": str(self.home / "cache")}
        self.installed = self.home / "data/podium/plugins/fake"
        self.server.requests = 0
        self.serve({"plugin/fake.so": LIBRARY, "plugin/NOTICE": b"notice", "plugin/__init__.py": b""})

    def serve(self, members):
        """Makes the wheel that the server answers with, and pins it."""
        with zipfile.ZipFile(self.folder / "made.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, data in members.items():
                wheel.writestr(name, data)
        self.server.wheel = (self.folder / "made.whl").read_bytes()
        self.pin("fake.whl")

    def pin(self, file, **changes):
        row = {"name": "fake", "package": "fake-pjrt", "version": "1.2", "url": f"{self.origin}/{file}",
               "sha256": hashlib.sha256(self.server.wheel).hexdigest(), "size": len(self.server.wheel),
               "members": ["plugin/fake.so", "plugin/NOTICE"], "license": LICENSE} | changes
        (self.folder / "pins.json").write_text(json.dumps({"plugins": [row]}))

    def plugin(self, *words, **variables):
        return subprocess.run([COMMAND, "plugin", *words, "--pins", "pins.json"], cwd=self.folder, text=True,
                              env=self.environment | variables, capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=60, check=False)

    def install(self, *words, **variables):
        return self.plugin("install", "fake", "--accept-license", *words, **variables)

    def expect(self, ended, code, message):
        said = f"exit {ended.returncode}\n{ended.stdout}{ended.stderr}"
        self.assertEqual(ended.returncode, code, said)
        self.assertIn(message, ended.stdout + ended.stderr, said)

    def expect_nothing_left(self):
        """Neither a plugin nor a part of one lies anywhere."""
        files = {path.name for path in self.home.rglob("*") if path.is_file()}
        self.assertLessEqual(files, {"plugins.lock", "fake.whl"})

    def test_install_list_remove(self):
        ended = self.install("--json")
        self.expect(ended, 0, LICENSE)
        library = self.installed / "fake.so"
        self.assertEqual(json.loads(ended.stdout), {"format": 1, "installed": "fake", "version": "1.2",
                                                    "library": str(library)})
        self.assertEqual(library.read_bytes(), LIBRARY)
        self.assertEqual(sorted(os.listdir(self.installed)), ["NOTICE", "fake.so", "plugin.json"])
        rows = json.loads(self.plugin("list", "--json").stdout)["plugins"]
        self.assertEqual([(row["name"], row["installed"]) for row in rows], [("fake", "1.2")])
        self.expect(self.plugin("remove", "fake"), 0, "removed fake")
        self.expect_nothing_left()
        self.assertFalse((self.home / "cache/podium/wheels/fake.whl").exists())
        self.expect(self.plugin("remove", "fake"), 2, "not installed")
        self.expect(self.plugin("remove", "../plugins/fake"), 2, "not installed")

    def test_another_version_replaces_the_first(self):
        self.expect(self.install(), 0, "installed fake 1.2")
        self.serve({"plugin/fake.so": b"second", "plugin/NOTICE": b""})
        self.pin("fake.whl", version="1.3")
        self.expect(self.install(), 0, "installed fake 1.3")
        self.assertEqual((self.installed / "fake.so").read_bytes(), b"second")
        self.assertEqual(os.listdir(self.home / "data/podium/plugins"), ["fake"])

    def test_two_at_once_take_turns(self):
        words = [COMMAND, "plugin", "install", "fake", "--accept-license", "--pins", "pins.json"]
        both = [subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE) for _ in range(2)]
        for process in both:
            said = process.communicate(timeout=60)[1].decode()
            self.assertIn(LICENSE, said)
            self.assertEqual(process.returncode, 0, said)
        self.assertEqual((self.installed / "fake.so").read_bytes(), LIBRARY)

    def test_offline_uses_the_cache_and_no_network(self):
        self.expect(self.install("--offline"), 5, f"{self.origin}/fake.whl")
        self.assertEqual(self.server.requests, 0)
        wheels = self.home / "cache/podium/wheels"
        wheels.mkdir(parents=True)
        (wheels / "fake.whl").write_bytes(self.server.wheel)
        self.expect(self.install("--offline"), 0, "installed fake")
        (wheels / "fake.whl").write_bytes(self.server.wheel[:-1] + b"x")
        self.expect(self.install("--offline"), 5, "damaged")
        self.assertEqual(self.server.requests, 0)
        self.expect(self.install(), 0, "installed fake")
        self.assertEqual(self.server.requests, 1)

    def test_redirects_stay_on_https_or_on_this_machine(self):
        for file, code, message in [("redirect-here.whl", 0, "installed fake"),
                                    ("redirect-away.whl", 2, "redirects to http://192.0.2.1/x"),
                                    ("redirect-ever.whl", 5, "redirects more than 5 times")]:
            with self.subTest(file):
                self.pin(file)
                self.expect(self.install(), code, message)

    def test_what_is_not_the_pinned_wheel_is_refused(self):
        for file, changes, code, message in [
                ("flipped.whl", {}, 3, "has the hash"),
                ("fake.whl", {"sha256": "0" * 64}, 3, "not the pinned 0000"),
                ("short.whl", {}, 3, "has the hash"),
                ("long.whl", {}, 3, "is longer than"),
                ("broken.whl", {}, 5, "broke off after"),
                ("absent.whl", {}, 5, "status 404"),
                ("fake.whl", {"url": "http://127.0.0.1:9/fake.whl"}, 5, "cannot fetch"),
                ("fake.whl", {"url": "http://192.0.2.1/fake.whl"}, 2, "not an https address"),
                ("fake.whl", {"url": "http://127.0.0.1:1@192.0.2.1/fake.whl"}, 2, "not an https address"),
                ("fake.whl", {"url": "file:///etc/passwd"}, 2, "not an https address"),
                ("fake.whl", {"members": ["plugin/none.so"]}, 3, "holds no plugin/none.so"),
        ]:
            with self.subTest(f"{file} {changes}"):
                self.pin(file, **changes)
                self.expect(self.install(), code, message)
                self.expect_nothing_left()

    def test_wheels_that_lead_out_of_their_folder_are_refused(self):
        for name in ("../fake.so", "/tmp/fake.so", "plugin/../../fake.so", "plugin\\..\\fake.so"):
            with self.subTest(name):
                self.serve({"plugin/fake.so": LIBRARY, "plugin/NOTICE": b"", name: b"evil"})
                self.expect(self.install(), 3, "leads out of its folder")
                self.expect_nothing_left()

    def test_a_damaged_wheel_is_refused(self):
        data = bytearray(self.server.wheel)
        data[1 << 20] ^= 1
        self.server.wheel = bytes(data)
        self.pin("fake.whl")
        self.expect(self.install(), 3, "is damaged")
        self.expect_nothing_left()

    def test_a_full_disk_or_a_kill_leaves_what_was_there(self):
        self.expect(self.install(), 0, "installed fake 1.2")
        self.serve({"plugin/fake.so": b"second" * 100000, "plugin/NOTICE": b""})
        self.pin("fake.whl", version="1.3")
        outcomes = set()
        for fault in ("enospc:WRITE", "enospc:CREATE", "enospc:RENAME", "enospc:FSYNC", "kill:WRITE", "kill:RENAME"):
            for nth in range(1, 5):
                with self.subTest(f"{fault}:{nth}"):
                    ended = self.install(PODIUM_FAULT=f"{fault}:{nth}")
                    outcomes.add(ended.returncode)
                    self.assertIn(ended.returncode, (0, 4, -9), ended.stderr)
                    version = json.loads((self.installed / "plugin.json").read_text())["version"]
                    size = (self.installed / "fake.so").stat().st_size
                    self.assertIn((version, size), [("1.2", len(LIBRARY)), ("1.3", 600000)])
                    if ended.returncode == 0:
                        self.assertEqual(version, "1.3")
                    self.assertEqual(os.listdir(self.home / "data/podium/plugins"), ["fake"])
        self.assertLessEqual({4, -9}, outcomes)
        self.expect(self.install(), 0, "installed fake 1.3")
        self.assertEqual(sorted(os.listdir(self.home / "data/podium")), ["plugins", "plugins.lock"])

    def test_the_licence_is_asked_for(self):
        self.expect(self.plugin("install", "fake"), 2, "add --accept-license")
        self.assertEqual(self.server.requests, 0)
        for answer, code, message in [("n\n", 5, "was not accepted"), ("y\n", 0, "100 %")]:
            with self.subTest(answer):
                ended, shown = self.install_at_a_terminal(answer)
                self.assertEqual(ended, code, shown)
                self.assertIn(LICENSE, shown)
                self.assertIn(message, shown)

    def install_at_a_terminal(self, answer):
        """Returns the exit code and what the terminal showed."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(COMMAND, [COMMAND, "plugin", "install", "fake", "--pins", "pins.json"], self.environment)
        os.write(terminal, answer.encode())
        shown = b""
        with contextlib.suppress(OSError):  # a terminal whose program is gone
            while data := os.read(terminal, 1 << 16):
                shown += data
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()

    def test_names_and_lists_that_nobody_knows(self):
        self.expect(self.plugin("install", "none", "--accept-license"), 2, "there are fake")
        (self.folder / "pins.json").write_text("{}")
        self.expect(self.plugin("list"), 3, "not a list of wheels")

    def test_pins_are_those_of_dev_setup(self):
        rows = {row["name"]: row for row in json.loads(self.done("plugin", "list", "--json"))["plugins"]}
        for name, requirements in (("cpu", "plugin"), ("onednn", "onednn")):
            pinned = (SOURCE / f"tools/requirements-{requirements}.txt").read_text()
            row = rows[name]
            self.assertIn(f"{row['package']}=={row['pinned']} --hash=sha256:{row['sha256']}", pinned)
        self.assertEqual(sorted(rows), ["cpu", "cuda", "onednn", "parquet", "tpu"])


if __name__ == "__main__":
    unittest.main()
