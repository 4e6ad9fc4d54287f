"""Where Debian's packages are taken from."""

from imager.recipe import Suite
from imager.shell import BuildError, run

_SNAPSHOT = "http://snapshot.debian.org/archive"


def sources(suite: Suite) -> tuple[str, ...]:
    """Lines for sources.list: the suite, its updates, its security updates, and where the kernel is taken from."""
    if suite.snapshot:
        main, security = f"{_SNAPSHOT}/debian/{suite.snapshot}", f"{_SNAPSHOT}/debian-security/{suite.snapshot}"
    else:
        main = _of_this_machine("Debian") or suite.mirror
        security = _of_this_machine("Debian-Security") or suite.security_mirror
    options = f"signed-by={suite.keyring}" + (" check-valid-until=no" if suite.snapshot else "")
    wanted = [(main, suite.suite), (main, f"{suite.suite}-updates"), (security, f"{suite.suite}-security")]
    if suite.kernel_suite:
        wanted.append((main, suite.kernel_suite))
    return tuple(f"deb [{options}] {uri} {name} {' '.join(suite.components)}" for uri, name in wanted)


def _of_this_machine(label: str) -> str | None:
    """The mirror that this machine's own apt uses for such an archive: it may be nearer, or the only one."""
    try:
        told = run("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Identifier: Packages")
    except BuildError:
        return None
    known = (line.split() for line in told.splitlines())
    return next((words[1].rstrip("/") for words in known if len(words) == 2 and words[0] == label), None)
