#!/usr/bin/env python3
"""
Process 1 of a machine: a stand-in for systemd, which cannot run here. It reads the unit files that the boot scripts install and does what they
say: ExecStart, Environment, EnvironmentFile, Type (simple, exec, notify, oneshot), Restart, RestartSec, KillMode, drop-ins. What it leaves
out: order between units, timers (a proof starts their service itself), limits, the journal (/var/log/units has the output).
"""
import glob, json, os, re, select, shlex, signal, socket, sys, time

FOLDER = "/etc/systemd/system"
LOGS = "/var/log/units"
ENABLED = "/var/lib/units"
RUNNING = "/run/units"
STOP_SECONDS = 90
PATH = "/opt/region/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def unit_name(name):
    return name if "." in name else name + ".service"


def seconds(text):
    match = re.fullmatch(r"(\d+)(ms|s|min|h)?", text)
    return int(match[1]) * {"ms": 0.001, None: 1, "s": 1, "min": 60, "h": 3600}[match[2]]


class Unit:
    def __init__(self, name):
        self.name = name
        self.pid = 0
        self.ready = False
        self.wanted = False
        self.code = 0
        self.restart_at = None
        self.kill_at = None
        self.waiting = []  # (connection, what it waits for)
        self.after_stop = None

    def files(self):
        own = f"{FOLDER}/{self.name}"
        return [own, *sorted(glob.glob(f"{own}.d/*.conf"))] if os.path.isfile(own) else []

    def exists(self):
        return bool(self.files())

    def settings(self, wanted="[Service]"):
        """Settings of a section: lists, where an empty value begins anew as systemd has it."""
        settings = {}
        for path in self.files():
            section = None
            for line in open(path):
                line = line.strip()
                if not line or line[0] in "#;":
                    continue
                if line[0] == "[":
                    section = line
                elif section == wanted:
                    key, _, value = line.partition("=")
                    settings[key] = settings.get(key, []) + [value] if value else []
        return settings

    def setting(self, key, default=""):
        return (self.settings().get(key) or [default])[-1]

    def environment(self):
        variables = {"PATH": PATH, "LANG": "C.UTF-8", "NOTIFY_SOCKET": "/run/notify.sock"}
        settings = self.settings()
        for line in settings.get("Environment", []):
            variables.update(entry.split("=", 1) for entry in shlex.split(line))
        for path in settings.get("EnvironmentFile", []):
            if os.path.exists(path.lstrip("-")):
                for line in open(path.lstrip("-")):
                    if "=" in line and not line.startswith("#"):
                        key, value = line.strip().split("=", 1)
                        variables[key] = " ".join(shlex.split(value))
        return variables

    def command(self, variables):
        words = []
        for word in shlex.split(self.setting("ExecStart")):
            if re.fullmatch(r"\$\w+", word):
                words += variables.get(word[1:], "").split()
            else:
                words.append(word)
        return words

    def spawn(self):
        variables = self.environment()
        words = self.command(variables)
        self.restart_at = None
        self.ready = False
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_SETMASK, [])
                log = os.open(f"{LOGS}/{self.name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
                os.dup2(log, 1)
                os.dup2(log, 2)
                os.closerange(3, 256)
                os.chdir("/")
                os.execvpe(words[0], words, variables)
            except BaseException as error:
                os.write(2, f"{self.name}: {error}\n".encode())
            os._exit(203)
        with open(f"{RUNNING}/{self.name}", "w") as file:
            file.write(str(self.pid))


class Manager:
    def __init__(self):
        self.units = {}
        for folder in (LOGS, ENABLED, RUNNING):
            os.makedirs(folder, exist_ok=True)
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.control.bind("/run/units.sock")
        self.control.listen(64)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind("/run/notify.sock")
        self.notify.setsockopt(socket.SOL_SOCKET, 16, 1)  # SO_PASSCRED: who says it
        self.wake, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def unit(self, name):
        name = unit_name(name)
        return self.units.setdefault(name, Unit(name))

    def boot(self):
        """Starts what is enabled, each after those that its After= names, as far as they are enabled too."""
        self.queue = []
        names = sorted(os.listdir(ENABLED))

        def put(name):
            if name in names and name not in self.queue:
                for line in self.unit(name).settings("[Unit]").get("After", []):
                    for before in line.split():
                        put(before)
                self.queue.append(name)

        for name in names:
            put(name)

    def next_of_boot(self):
        while self.queue:
            unit = self.unit(self.queue[0])
            if not unit.wanted:
                unit.wanted = True
                if not unit.name.endswith(".timer"):
                    unit.spawn()
            if unit.pid and not unit.ready and unit.setting("Type") == "notify":
                return
            self.queue.pop(0)

    def run(self):
        self.boot()
        while True:
            self.next_of_boot()
            times = [t for unit in self.units.values() for t in (unit.restart_at, unit.kill_at) if t]
            timeout = max(0, min(times) - time.monotonic()) if times else None
            ready, _, _ = select.select([self.control, self.notify, self.wake], [], [], timeout)
            if self.wake in ready:
                os.read(self.wake, 512)
            if self.notify in ready:
                self.notified()
            self.reap()
            self.due()
            if self.control in ready:
                self.answer(self.control.accept()[0])

    def notified(self):
        message, control, _, _ = self.notify.recvmsg(4096, 64)
        sender = int.from_bytes(control[0][2][:4], "little") if control else 0
        if b"READY=1" in message:
            for unit in self.units.values():
                if unit.pid == sender:
                    unit.ready = True
                    self.tell(unit, "start", 0)

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for unit in self.units.values():
                if unit.pid == pid:
                    self.ended(unit, os.waitstatus_to_exitcode(status))

    def ended(self, unit, code):
        if unit.setting("KillMode", "control-group") == "control-group":
            self.signal_group(unit.pid, signal.SIGKILL)
        unit.pid, unit.code, unit.kill_at = 0, code, None
        self.tell(unit, "stop", 0)
        self.tell(unit, "start", 0 if code == 0 else 1)
        if unit.after_stop:
            again, unit.after_stop = unit.after_stop, None
            again()
        elif unit.wanted:
            restart = unit.setting("Restart", "no")
            if restart == "always" or (restart == "on-failure" and code != 0):
                unit.restart_at = time.monotonic() + seconds(unit.setting("RestartSec", "100ms"))
            else:
                unit.wanted = False

    def signal_group(self, pid, number):
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def due(self):
        now = time.monotonic()
        for unit in self.units.values():
            if unit.restart_at and unit.restart_at <= now:
                unit.spawn()
            if unit.kill_at and unit.kill_at <= now:
                unit.kill_at = None
                self.signal_group(unit.pid, signal.SIGKILL)

    def tell(self, unit, what, code):
        still = []
        for connection, wants in unit.waiting:
            if wants == what:
                self.say(connection, code)
            else:
                still.append((connection, wants))
        unit.waiting = still

    def say(self, connection, code, said=""):
        try:
            connection.sendall(json.dumps({"code": code, "said": said}).encode() + b"\n")
        except OSError:
            pass
        connection.close()

    def answer(self, connection):
        connection.settimeout(5)
        try:
            words = json.loads(connection.makefile().readline())
        except (ValueError, OSError):
            # Whoever asked was killed before it could say what.
            return connection.close()
        options = [word for word in words if word.startswith("-")]
        verb, *names = [word for word in words if not word.startswith("-")] or ["status"]
        if verb == "daemon-reload":
            return self.say(connection, 0)
        if len(names) != 1:
            return self.say(connection, 1, f"this stand-in for systemd takes one unit at a time: {' '.join(words)}")
        unit = self.unit(names[0])
        if verb in ("start", "restart", "stop", "enable", "is-enabled", "status") and not unit.exists():
            return self.say(connection, 4 if verb == "status" else 5, f"Unit {unit.name} could not be found.")
        if verb == "enable":
            open(f"{ENABLED}/{unit.name}", "w").close()
            if "--now" not in options:
                return self.say(connection, 0)
            verb = "start"
        if verb == "disable":
            if os.path.exists(f"{ENABLED}/{unit.name}"):
                os.remove(f"{ENABLED}/{unit.name}")
            return self.say(connection, 0)
        if verb == "is-enabled":
            enabled = os.path.exists(f"{ENABLED}/{unit.name}")
            return self.say(connection, 0 if enabled else 1, "enabled" if enabled else "disabled")
        if verb in ("is-active", "status"):
            state = "active" if unit.pid or (unit.wanted and unit.name.endswith(".timer")) else "inactive"
            return self.say(connection, 0 if state == "active" else 3, "" if "--quiet" in options else state)
        if verb in ("start", "restart", "stop"):
            return getattr(self, verb)(unit, connection, "--no-block" in options)
        self.say(connection, 1, f"this stand-in for systemd does not know {' '.join(words)}")

    def start(self, unit, connection, no_block=False):
        unit.wanted = True
        if unit.name.endswith(".timer"):
            return self.say(connection, 0)
        if not unit.pid:
            unit.spawn()
        elif unit.ready or unit.setting("Type", "simple") in ("simple", "exec"):
            return self.say(connection, 0)
        if no_block or unit.setting("Type", "simple") in ("simple", "exec"):
            return self.say(connection, 0)
        unit.waiting.append((connection, "start"))

    def stop(self, unit, connection, no_block=False):
        unit.wanted, unit.restart_at = False, None
        if not unit.pid:
            return self.say(connection, 0)
        self.end(unit)
        unit.waiting.append((connection, "stop"))

    def restart(self, unit, connection, no_block=False):
        if not unit.pid:
            return self.start(unit, connection, no_block)
        unit.wanted = True
        unit.after_stop = lambda: self.start(unit, connection, no_block)
        self.end(unit)

    def end(self, unit):
        unit.kill_at = time.monotonic() + STOP_SECONDS
        if unit.setting("KillMode", "control-group") == "process":
            os.kill(unit.pid, signal.SIGTERM)
        else:
            self.signal_group(unit.pid, signal.SIGTERM)


Manager().run()
