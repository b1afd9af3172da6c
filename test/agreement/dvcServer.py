"""Runs the real DVC many times without starting Python many times: one line of JSON in, one line out.

In: {"args": [...], "cwd": "...", "env"?: {...}, "stdin"?: "..."}; out: {"code", "stdout", "stderr"}. Each call runs in a child of this process, which has DVC loaded.
"""

import json
import os
import sys
import tempfile
import traceback

import dvc.cli
import dvc.cli.parser
import dvc.commands.add
import dvc.commands.checkout
import dvc.commands.commit
import dvc.commands.data
import dvc.commands.data_sync
import dvc.commands.diff
import dvc.commands.status
import dvc.repo
import dvc_data.index
import dvc_data.hashfile.checkout


def call(asked, given, out, err):
    """Runs one command in a child; never returns."""
    code = 255
    try:
        os.dup2(given.fileno(), 0)
        sys.stdin = os.fdopen(os.dup(0))
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.stdout = os.fdopen(os.dup(1), "w")
        sys.stderr = os.fdopen(os.dup(2), "w")
        os.chdir(asked["cwd"])
        os.environ.update(asked.get("env", {}))
        code = dvc.cli.main(asked["args"])
    except SystemExit as exit:
        code = exit.code if isinstance(exit.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


def main():
    for line in sys.stdin:
        asked = json.loads(line)
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(asked.get("stdin", "").encode())
            given.seek(0)
            child = os.fork()
            if child == 0:
                call(asked, given, out, err)
            _, status = os.waitpid(child, 0)
            answer = {"code": os.waitstatus_to_exitcode(status)}
            for name, file in (("stdout", out), ("stderr", err)):
                file.seek(0)
                answer[name] = file.read().decode("utf-8", "replace")
            print(json.dumps(answer), flush=True)


main()
