/** Programs in Python that hold the repository's lock, say `held`, and let go when their standard input ends or they are killed. */

/** By DVC's own class. */
export const HOLD_LOCK = `
import sys
from dvc.repo import Repo
with Repo().lock:
    print("held", flush=True)
    sys.stdin.read()
`;
/** As we do: a child process takes it on a descriptor that is the parent's. */
export const HOLD_OURS = `
import fcntl, os, subprocess, sys
fd = os.open(".dvc/tmp/lock", os.O_RDWR | os.O_CREAT, 0o644)
subprocess.run(["flock", "-n", "-x", str(fd)], pass_fds=[fd], check=True)
os.pwrite(fd, b" %d\\n" % os.getpid(), 0)
os.ftruncate(fd, len(b" %d\\n" % os.getpid()))
print("held", flush=True)
sys.stdin.read()
`;
