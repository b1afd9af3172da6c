"""Runs a program at a terminal of its own and types answers: `terminal.py '[["what it says", "what is typed"], ...]' PROGRAM ARGS...`.

Prints all that the terminal showed and ends with the program's exit code."""

import json
import os
import pty
import select
import sys
import time

steps = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
seen = 0
until = time.time() + 60
while time.time() < until:
    ready, _, _ = select.select([terminal], [], [], 0.5)
    if not ready:
        continue
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    shown += chunk
    if steps and steps[0][0].encode() in shown[seen:]:
        seen = len(shown)
        time.sleep(0.2)
        os.write(terminal, steps.pop(0)[1].encode())
sys.stdout.buffer.write(shown)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
