#!/usr/bin/env node
// crashpoints: find out what a command leaves on disk when it dies half-way.
//
//   node crashpoints.mjs --dir TEMPLATE --check 'CMD' [options] -- COMMAND [ARGS...]
//
// The command runs under strace in a fresh copy of TEMPLATE (its working directory). Every successful
// system call that changes something below that copy is a crash point, numbered over all processes and
// threads in the order in which strace saw them. The tool then runs the command again from a fresh copy
// once per point, ends the whole process tree there, and runs the check command in what is left.
// The last line is 'N passed, N failed'; the exit status is 0 only if nothing failed.
//
// Modes (--mode):
//   kill      (default) SIGKILL right after each point, and before the first one
//   powercut  as kill, then also the states that a power cut may leave: the data that was not fsynced lost,
//             the last write torn, and each name (create, rename, mkdir, link, unlink) lost whose
//             directory was not fsynced. One case for each variant.
//   error     no kill: each point's system call fails with each of --errors in turn (EIO, ENOSPC, ...).
//             A hang or a death by signal is a failure by itself; the check sees $CRASHPOINTS_EXIT.
//   lint      one run: says which renames and creates were visible before their data or directory was synced
//
// Options:
//   --dir DIR        template that each run starts from (copied with cp -a)
//   --check CMD      sh command, run in the copy; exit status 0 passes. It sees CRASHPOINTS_POINT,
//                    CRASHPOINTS_SYSCALL, CRASHPOINTS_VARIANT, CRASHPOINTS_EXIT (empty when killed),
//                    CRASHPOINTS_TEMPLATE
//   --recover CMD    sh command run before the check (e.g. the same command again); must exit 0
//   --errors LIST    for --mode error (default EIO,ENOSPC)
//   --max N          at most N points, spread evenly over all (first and last always kept)
//   --points A,B,..  only these points
//   --shard I/N      only the Ith of N parts of the points (1/2 and 2/2 side by side on two cores)
//   --ignore PATH    nothing below PATH (relative to the copy) is a point, may repeat
//   --fs posix|ext4  powercut: posix (default) keeps a name only when its directory was synced; ext4 keeps all
//                    earlier names at any fsync, as its journal does
//   --timeout S      seconds for one run of the command, the recovery or the check (default 60)
//   --keep DIR       copy each failing state there
//   --env K=V        for the command, may repeat. UV_THREADPOOL_SIZE=1 and UV_USE_IO_URING=0 are set unless
//                    given, so that a Node program's calls come in the same order each time
//   --list           print the points and stop
//   --verbose        a line for each case
//
// Needs Linux, strace 5.3 or newer, and leave to trace (a container may need SYS_PTRACE).
// Limits: writes through a shared mmap and io_uring are not seen; points are ends of system calls, so a file
// half-way through one large write is only modelled by powercut's 'torn'.
import { spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const NAME_CALLS = [
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'symlink',
  'symlinkat',
  'unlink',
  'unlinkat',
  'rmdir',
  'mkdir',
  'mkdirat',
  'mknod',
  'mknodat',
];
const DATA_CALLS = [
  'write',
  'pwrite64',
  'writev',
  'pwritev',
  'pwritev2',
  'truncate',
  'ftruncate',
  'fallocate',
  'copy_file_range',
  'sendfile',
  'splice',
  'ioctl',
];
const META_CALLS = [
  'chmod',
  'fchmod',
  'fchmodat',
  'fchmodat2',
  'chown',
  'fchown',
  'lchown',
  'fchownat',
  'utime',
  'utimes',
  'futimesat',
  'utimensat',
  'setxattr',
  'fsetxattr',
  'lsetxattr',
];
const OPEN_CALLS = ['open', 'openat', 'openat2', 'creat'];
const SYNC_CALLS = ['fsync', 'fdatasync', 'sync', 'syncfs', 'sync_file_range'];
// With a signal pending these give up before they move a byte and are restarted, for ever under an injected SIGSTOP:
// hold them on exit for a moment instead.
const DELAY = ['copy_file_range', 'sendfile', 'splice'];
const STOP = [...NAME_CALLS, ...DATA_CALLS.filter((n) => !DELAY.includes(n)), ...META_CALLS, ...OPEN_CALLS];
const TRACE = [...STOP, ...DELAY, ...SYNC_CALLS];

// ---------------------------------------------------------------- arguments
function usage(msg) {
  if (msg) console.error('crashpoints: ' + msg);
  console.error(
    "usage: crashpoints.mjs --dir TEMPLATE --check 'CMD' [--mode kill|powercut|error|lint] [options] -- COMMAND [ARGS...]",
  );
  process.exit(2);
}
const opt = { mode: 'kill', errors: 'EIO,ENOSPC', fs: 'posix', timeout: 60, env: {}, ignore: [] };
const argv = process.argv.slice(2);
let command = [];
for (let i = 0; i < argv.length; i++) {
  const a = argv[i];
  const value = () => (i + 1 < argv.length ? argv[++i] : usage(`${a} needs a value`));
  if (a === '--') {
    command = argv.slice(i + 1);
    break;
  } else if (
    ['--dir', '--check', '--recover', '--mode', '--errors', '--fs', '--keep', '--points', '--shard'].includes(a)
  )
    opt[a.slice(2)] = value();
  else if (a === '--max' || a === '--timeout') opt[a.slice(2)] = Number(value());
  else if (a === '--env') {
    const kv = value();
    const at = kv.indexOf('=');
    opt.env[kv.slice(0, at)] = kv.slice(at + 1);
  } else if (a === '--ignore') opt.ignore.push(path.normalize(value()).replace(/\/$/, ''));
  else if (a === '--list' || a === '--verbose') opt[a.slice(2)] = true;
  else usage(`unknown option ${a}`);
}
if (process.platform !== 'linux') usage('needs Linux');
if (!command.length) usage('no command after --');
if (!opt.dir || !fs.existsSync(opt.dir)) usage('--dir must name a directory');
if (!opt.check && !opt.list && opt.mode !== 'lint') usage('--check is missing');
if (!['kill', 'powercut', 'error', 'lint'].includes(opt.mode)) usage('unknown --mode');
const template = fs.realpathSync(opt.dir);

const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'crashpoints-')));
const work = path.join(base, 'work');
const fifo = path.join(base, 'trace');
must('mkfifo', [fifo]);
process.on('exit', () => fs.rmSync(base, { recursive: true, force: true }));
for (const s of ['SIGINT', 'SIGTERM'])
  process.on(s, () => {
    live?.killAll();
    process.exit(130);
  });
let live = null;

function must(cmd, args) {
  const r = spawnSync(cmd, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (r.error || r.status !== 0) {
    console.error(`crashpoints: ${cmd} failed: ${r.error?.message ?? r.stderr}`);
    process.exit(2);
  }
}
function freshCopy() {
  fs.rmSync(work, { recursive: true, force: true });
  must('cp', ['-a', '--reflink=auto', template, work]);
}
const inTemplate = (p) => path.join(template, path.relative(work, p));
const inWork = (p) => p === work || p.startsWith(work + '/');
const counts = (p) => inWork(p) && !opt.ignore.some((i) => rel(p) === i || rel(p).startsWith(i + '/'));
const rel = (p) => (p === work ? '.' : inWork(p) ? p.slice(work.length + 1) : p);

// ---------------------------------------------------------------- reading strace
// strace escapes bytes above 126 and below 32 in octal; latin1 keeps the bytes, then read as UTF-8
function unescape(s) {
  const bytes = s.replace(
    /\\([0-7]{1,3}|[nrtvf"\\])/g,
    (_, e) =>
      ({ n: '\n', r: '\r', t: '\t', v: '\v', f: '\f', '"': '"', '\\': '\\' })[e] ?? String.fromCharCode(parseInt(e, 8)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
const fdPath = (s) => {
  const m = /^-?\w+<((?:\\.|[^>\\])*)>/.exec(s);
  return m && m[1].startsWith('/') ? unescape(m[1]).replace(/ \(deleted\)$/, '') : null;
};

// arguments of a call at top level: strings, <...> and brackets kept whole
function splitArgs(s) {
  const out = [];
  let cur = '',
    depth = 0,
    str = false,
    ang = false;
  for (let i = 0; i < s.length; i++) {
    const c = s[i];
    if (c === '\\' && (str || ang)) {
      cur += c + (s[++i] ?? '');
      continue;
    }
    if (str) {
      if (c === '"') str = false;
    } else if (ang) {
      if (c === '>') ang = false;
    } else if (c === '"') str = true;
    else if (c === '<' && s[i + 1] !== '<')
      ang = true; // a shift is printed as 1<<N
    else if (c === '<') {
      cur += c + s[++i];
      continue;
    } else if ('[{('.includes(c)) depth++;
    else if (']})'.includes(c)) depth--;
    else if (c === ',' && !depth) {
      out.push(cur.trim());
      cur = '';
      continue;
    }
    cur += c;
  }
  if (cur.trim()) out.push(cur.trim());
  return out;
}
function strArg(a) {
  const m = /^"((?:\\.|[^"\\])*)"/.exec(a ?? '');
  return m ? unescape(m[1]) : null;
}
function cwdOf(tid, memo) {
  try {
    return (memo[tid] = fs.readlinkSync(`/proc/${tid}/cwd`));
  } catch {
    return memo[tid] ?? work;
  }
}

// one finished call -> { name, paths:[...], op, bytes } when it changed something, or null
function effect(tid, name, argText, ret, memo) {
  if (ret < 0) return null;
  const a = splitArgs(argText);
  // a folder named by its descriptor is the one that was opened
  const named = (p) => {
    const s = strArg(a[p]);
    const m = s === null ? null : /^\/proc\/self\/fd\/(\d+)(.*)$/.exec(s);
    return m && memo.fds?.[tid]?.[m[1]] ? memo.fds[tid][m[1]] + m[2] : s;
  };
  const at = (d, p) => {
    const s = named(p);
    return s === null ? null : path.resolve(fdPath(a[d]) ?? cwdOf(tid, memo), s);
  };
  const plain = (p) => {
    const s = named(p);
    return s === null ? null : path.resolve(cwdOf(tid, memo), s);
  };
  const raw = a.map(strArg).filter((x) => x);
  const ev = (op, ...paths) => ({ tid, name, op, paths, raw, bytes: 0 });
  switch (name) {
    case 'open':
    case 'creat':
    case 'openat':
    case 'openat2': {
      const p = name === 'open' || name === 'creat' ? plain(0) : at(0, 1);
      const creates = name === 'creat' || /O_CREAT|O_TMPFILE/.test(argText),
        truncs = name === 'creat' || /O_TRUNC/.test(argText);
      return p && (creates || truncs) ? { ...ev('open', p), creates, truncs } : null;
    }
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return name === 'rename'
        ? ev('rename', plain(0), plain(1))
        : ev(/RENAME_EXCHANGE/.test(argText) ? 'other' : 'rename', at(0, 1), at(2, 3));
    case 'link':
      return ev('link', plain(0), plain(1));
    case 'linkat':
      return ev('link', at(0, 1) ?? fdPath(a[0]), at(2, 3));
    case 'symlink':
      return ev('create', plain(1));
    case 'symlinkat':
      return ev('create', at(1, 2));
    case 'unlink':
      return ev('unlink', plain(0));
    case 'rmdir':
      return ev('rmdir', plain(0));
    case 'unlinkat':
      return ev(/AT_REMOVEDIR/.test(argText) ? 'rmdir' : 'unlink', at(0, 1));
    case 'mkdir':
      return ev('mkdir', plain(0));
    case 'mkdirat':
      return ev('mkdir', at(0, 1));
    case 'mknod':
      return ev('create', plain(0));
    case 'mknodat':
      return ev('create', at(0, 1));
    case 'truncate':
      return ev('write', plain(0));
    case 'ioctl':
      return /FICLONE/.test(argText) ? ev('write', fdPath(a[0])) : null;
    case 'copy_file_range':
      return { ...ev('write', fdPath(a[2])), bytes: ret };
    case 'sendfile':
      return { ...ev('write', fdPath(a[0])), bytes: ret };
    case 'splice':
      return { ...ev('write', fdPath(a[2])), bytes: ret };
    case 'sync':
    case 'syncfs':
      return ev('syncall');
    case 'fsync':
    case 'fdatasync':
    case 'sync_file_range':
      return ev('sync', fdPath(a[0]));
    default:
      if (DATA_CALLS.includes(name)) return { ...ev('write', fdPath(a[0])), bytes: /write/.test(name) ? ret : 0 };
      return ev('meta', fdPath(a[0]) ?? plain(0) ?? at(0, 1));
  }
}

// Runs the command once. stopAt: kill the tree after that many points (Infinity: let it end).
// inject: strace inject expression for error mode, only: just for calls on these paths. Resolves to { events, points, code, signal, timedOut, hits, stray }.
function run({ stopAt = Infinity, inject = null, only = null }) {
  return new Promise((resolve) => {
    const stepping = inject === null && stopAt !== Infinity;
    const fd = fs.openSync(fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    const sock = new net.Socket({ fd, readable: true, writable: false });
    const set = (l) => l.map((n) => '?' + n).join(',');
    // --seccomp-bpf makes strace faster, but strace 6.1 then injects no signals (errors still work)
    const args = [
      '-f',
      '-y',
      '-s',
      '0',
      '-q',
      ...(stepping ? [] : ['--seccomp-bpf']),
      '-e',
      'trace=' + set(TRACE),
      '-o',
      fifo,
    ];
    if (stepping) args.push('-e', `inject=${set(STOP)}:signal=SIGSTOP`, '-e', `inject=${set(DELAY)}:delay_exit=100000`);
    if (inject) args.push('-e', 'inject=' + inject, ...(only ?? []).flatMap((p) => ['-P', p]));
    const env = {
      UV_THREADPOOL_SIZE: '1',
      UV_USE_IO_URING: '0',
      ...process.env,
      ...opt.env,
      PWD: work,
      CRASHPOINTS_DIR: work,
    };
    const child = spawn('strace', [...args, '--', ...command], {
      cwd: work,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out = { events: [], points: 0, code: null, signal: null, timedOut: false, hits: [], stray: 0, output: '' };
    const tids = new Set(),
      half = new Map(),
      memo = {},
      calls = {},
      inWorkCalls = {};
    const there = new Map(); // path -> does it exist now, as far as the calls so far tell
    const exists = (p) => there.get(p) ?? fs.existsSync(inTemplate(p));
    let done = false,
      killed = false,
      buf = '';
    // Each of STOP's calls leaves its process stopped (SIGSTOP injected on entry, taken on exit). Only when strace has
    // reported every thread of the process as stopped, and so every finished call before that, may it go on:
    // a SIGCONT sent earlier could cancel the stop of the very call that is the crash point.
    const groups = new Map(),
      tgidOf = new Map();
    const tgid = (tid) => {
      if (!tgidOf.has(tid))
        try {
          tgidOf.set(tid, Number(/^Tgid:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${tid}/status`, 'utf8'))[1]));
        } catch {
          return tid;
        }
      return tgidOf.get(tid);
    };
    const goOn = (g) => {
      if (killed) return;
      const stopped = groups.get(g);
      if (!stopped?.size) return;
      let threads;
      try {
        threads = fs.readdirSync(`/proc/${g}/task`);
      } catch {
        return;
      }
      if (threads.some((t) => !stopped.has(Number(t)) && !/\) [ZX]/.test(stat(`/proc/${g}/task/${t}/stat`)))) return;
      groups.delete(g);
      try {
        process.kill(g, 'SIGCONT');
      } catch {
        /* gone */
      }
    };
    const killAll = () => {
      killed = true;
      // strace itself lives on to reap its child: a zombie would still look like a live lock holder
      for (const t of new Set([...tids, ...session(child.pid)]))
        try {
          process.kill(t, 'SIGKILL');
        } catch {
          /* gone */
        }
    };
    const again = () => {
      if (!done) {
        killAll();
        setTimeout(again, 20);
      }
    }; // a child forked meanwhile
    live = { killAll };
    const timer = setTimeout(() => {
      out.timedOut = true;
      again();
    }, opt.timeout * 1000);
    const keepOut = (d) => {
      if (out.output.length < 20000) out.output += d;
    };
    child.stdout.on('data', keepOut);
    child.stderr.on('data', keepOut);
    child.on('error', (e) => {
      console.error('crashpoints: cannot start strace: ' + e.message);
      process.exit(2);
    });
    child.on('exit', (code, signal) => {
      out.code = code;
      out.signal = signal;
      end();
    });
    const end = () => {
      try {
        fs.writeSync(fd, '\n0 END\n');
      } catch {
        setTimeout(end, 2);
      }
    }; // the pipe may be full

    sock.on('data', (d) => {
      buf += d.toString('latin1');
      let nl;
      while ((nl = buf.indexOf('\n')) >= 0) {
        const l = buf.slice(0, nl);
        buf = buf.slice(nl + 1);
        if (l) line(l);
      }
    });
    function finish() {
      if (done) return;
      done = true;
      clearTimeout(timer);
      live = null;
      sock.destroy();
      // wait until every traced process is gone, so that nothing writes behind the check's back
      const wait = () => {
        const left = [...new Set([...tids, ...session(child.pid)])].filter(
          (t) => !/\) [ZX]/.test(stat(`/proc/${t}/stat`)),
        );
        if (left.length && killed) {
          for (const t of left)
            try {
              process.kill(t, 'SIGKILL');
            } catch {
              /* gone */
            }
          setTimeout(wait, 5);
        } else resolve(out);
      };
      wait();
    }
    function line(l) {
      const m = /^(\d+)\s+(.*)$/s.exec(l);
      if (!m) return;
      const tid = Number(m[1]);
      let text = m[2];
      if (tid === 0 && text === 'END') return finish();
      tids.add(tid);
      if (text.startsWith('+++')) {
        tids.delete(tid);
        half.delete(tid);
        if (stepping) for (const g of groups.keys()) goOn(g);
        return;
      }
      if (text.startsWith('--- stopped by SIGSTOP')) {
        const g = tgid(tid);
        if (!groups.has(g)) groups.set(g, new Set());
        groups.get(g).add(tid);
        if (stepping) goOn(g);
        return;
      }
      if (text.startsWith('---')) return;
      if (text.endsWith('<unfinished ...>')) {
        half.set(tid, text.slice(0, -16).trimEnd());
        return;
      }
      const r = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text);
      if (r) {
        text = (half.get(tid) ?? '') + r[1];
        half.delete(tid);
      }
      const c = /^(\w+)\((.*)\)\s+= (-?\d+|\?|0x[0-9a-f]+)(.*)$/s.exec(text);
      if (!c) return;
      const [, name, argText, retText, tail] = c;
      const ret = retText === '?' ? -1 : Number(retText);
      const mine = (calls[tid] ??= {}),
        nth = (mine[name] = (mine[name] ?? 0) + 1);
      const opened = OPEN_CALLS.includes(name) && ret >= 0 ? fdPath(`${ret}${tail.trim()}`) : null;
      if (opened) ((memo.fds ??= {})[tid] ??= {})[ret] = opened;
      let e = null;
      const injected = /\(INJECTED\)/.test(tail);
      e = effect(tid, name, argText, injected ? 0 : ret, memo);
      if (e && e.op !== 'syncall' && !e.paths.some((p) => p && counts(p))) e = null;
      if (e) inWorkCalls[name] = (inWorkCalls[name] ?? 0) + 1;
      if (injected && e) out.hits.push({ name, ordinal: inWorkCalls[name], text: describe(e) });
      else if (injected) out.stray++;
      if (e && !injected && !killed) {
        e.nth = nth;
        e.ordinal = inWorkCalls[name];
        const [p, q] = e.paths;
        if (e.op === 'open') e.isNew = e.creates && !exists(p);
        if (e.op === 'rename') {
          there.set(p, false);
          there.set(q, true);
        } else if (e.op === 'link') there.set(q, true);
        else if (e.op === 'unlink' || e.op === 'rmdir') there.set(p, false);
        else if (e.op === 'open' || e.op === 'create' || e.op === 'mkdir') there.set(p, true);
        if (e.op !== 'open' || e.isNew || e.truncs) {
          // not: O_CREAT on a file that was there
          if (e.op !== 'sync' && e.op !== 'syncall') e.point = ++out.points;
          out.events.push(e);
          if (e.point === stopAt) {
            killAll();
            setTimeout(again, 20);
            return;
          }
        }
      }
    }
  });
}
// ---------------------------------------------------------------- power-cut model
// From the events up to a point: files with data that was never synced, and names whose directory was not.
function unsynced(events) {
  const dirty = new Map();
  let names = [];
  const oldLen = (p) => {
    try {
      return fs.statSync(inTemplate(p)).size;
    } catch {
      return 0;
    }
  };
  const durable = new Map(); // path -> bytes known to be on disk
  const durableOf = (p) => durable.get(p) ?? oldLen(p);
  for (const e of events) {
    const [p, q] = e.paths;
    if (e.op === 'open') {
      if (e.isNew) {
        names.push({ kind: 'create', p, dir: path.dirname(p), point: e.point });
        durable.set(p, 0);
      }
      if (e.truncs) {
        durable.set(p, 0);
        if (oldLen(p)) dirty.set(p, { last: null });
      }
    } else if (e.op === 'write') {
      if (p) dirty.set(p, { last: e.bytes || null, len: null });
    } else if (e.op === 'sync') {
      if (opt.fs === 'ext4') names = [];
      else names = names.filter((n) => n.dir !== p && n.p !== p);
      // a synced new file: its own name is kept too by every common file system
      dirty.delete(p);
      durable.set(p, Infinity);
    } else if (e.op === 'syncall') {
      dirty.clear();
      names = [];
    } else if (e.op === 'rename') {
      if (dirty.has(p)) {
        dirty.set(q, dirty.get(p));
        dirty.delete(p);
      } else dirty.delete(q);
      durable.set(q, durableOf(p));
      durable.delete(p);
      names = names.filter((n) => n.p !== p);
      names.push({ kind: 'rename', from: p, p: q, dir: path.dirname(q), point: e.point });
    } else if (e.op === 'link') {
      if (dirty.has(p)) dirty.set(q, dirty.get(p));
      durable.set(q, durableOf(p));
      names.push({ kind: 'create', p: q, dir: path.dirname(q), point: e.point });
    } else if (e.op === 'create' || e.op === 'mkdir')
      names.push({ kind: e.op, p, dir: path.dirname(p), point: e.point });
    else if (e.op === 'unlink' || e.op === 'rmdir') {
      dirty.delete(p);
      durable.delete(p);
      names = names.filter((n) => n.p !== p);
      if (fs.existsSync(inTemplate(p))) names.push({ kind: 'unlink', p, dir: path.dirname(p), point: e.point });
    }
  }
  return { dirty: [...dirty].map(([p, v]) => ({ p, keep: durableOf(p), last: v.last })), names };
}
function loseData(files) {
  let n = 0;
  for (const f of files) {
    try {
      const size = fs.statSync(f.p).size,
        keep = Math.min(size, f.keep === Infinity ? size : f.keep);
      // appended to or rewritten after its last sync: what was there at that sync is all that is safe; when that
      // length is unknown the whole file goes (the usual zero-length file)
      fs.truncateSync(f.p, f.keep === Infinity ? 0 : keep);
      n++;
    } catch {
      /* not there at this point */
    }
  }
  return n;
}
function loseName(n) {
  const old = inTemplate(n.p);
  const restore = () => {
    if (fs.existsSync(old)) {
      must('cp', ['-a', old, n.p]);
    }
  };
  if (!fs.existsSync(n.p) && n.kind !== 'unlink') return false;
  if (n.kind === 'rename') {
    fs.rmSync(n.from, { force: true, recursive: true });
    fs.renameSync(n.p, n.from);
    restore();
  } else if (n.kind === 'unlink') {
    if (fs.existsSync(n.p) || !fs.existsSync(path.dirname(n.p))) return false;
    restore();
  } else fs.rmSync(n.p, { recursive: true, force: true });
  return true;
}

// ---------------------------------------------------------------- states and checks
function stateHash() {
  const h = crypto.createHash('sha256');
  const walk = (d) => {
    for (const f of fs.readdirSync(d, { withFileTypes: true }).sort((x, y) => (x.name < y.name ? -1 : 1))) {
      const p = path.join(d, f.name);
      h.update(
        `\0${rel(p).replace(/\d{2,}/g, '#')}\0${f.isDirectory() ? 'd' : f.isSymbolicLink() ? 'l' + fs.readlinkSync(p) : 'f'}\0`,
      );
      if (f.isDirectory()) walk(p);
      else if (f.isFile()) h.update(fs.readFileSync(p));
    }
  };
  walk(work);
  return h.digest('hex');
}
const seen = new Set();
let passed = 0,
  failed = 0;
const failures = [];
function sh(cmd, env) {
  return spawnSync('sh', ['-c', cmd], {
    cwd: work,
    env: { ...process.env, ...opt.env, CRASHPOINTS_DIR: work, CRASHPOINTS_TEMPLATE: template, ...env },
    timeout: opt.timeout * 1000,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
}
function judge(label, env, early) {
  let why = early ?? null,
    output = '';
  const keepState = () => {
    if (!opt.keep || !fs.existsSync(base + '/before')) return '';
    const to = path.join(opt.keep, label.replace(/[^\w.+-]+/g, '_').slice(0, 120));
    fs.rmSync(to, { recursive: true, force: true });
    fs.mkdirSync(opt.keep, { recursive: true });
    must('cp', ['-a', base + '/before', to]);
    return ` (state kept in ${to})`;
  };
  seen.add(stateHash());
  if (opt.keep) {
    fs.rmSync(base + '/before', { recursive: true, force: true });
    must('cp', ['-a', work, base + '/before']);
  }
  for (const [what, cmd] of [
    ['recover', opt.recover],
    ['check', opt.check],
  ]) {
    if (why || !cmd) continue;
    const r = sh(cmd, env);
    if (r.error || r.status !== 0) {
      why = `${what} ${r.error ? (r.error.code ?? r.error.message) : 'exit ' + (r.status ?? r.signal)}`;
      output = (r.stdout + r.stderr).trim().split('\n').slice(-4).join('\n    | ');
    }
  }
  if (why) {
    failed++;
    failures.push(label);
    console.log(`FAIL ${label}: ${why}${keepState()}${output ? '\n    | ' + output : ''}`);
  } else {
    passed++;
    if (opt.verbose) console.log(`ok   ${label}`);
  }
}
function pick(all) {
  const [part, of] = (opt.shard ?? '1/1').split('/').map(Number);
  return choose(all).filter((_, i) => i % of === part - 1);
}
function choose(all) {
  if (opt.points) {
    const want = new Set(opt.points.split(',').map(Number));
    return all.filter((n) => want.has(n));
  }
  if (!opt.max || all.length <= opt.max) return all;
  const out = new Set();
  for (let i = 0; i < opt.max; i++) out.add(all[Math.round((i * (all.length - 1)) / Math.max(1, opt.max - 1))]);
  return [...out];
}
// the processes of strace's session but strace
function session(leader) {
  return fs
    .readdirSync('/proc')
    .filter(
      (d) =>
        /^\d+$/.test(d) &&
        Number(d) !== leader &&
        stat(`/proc/${d}/stat`).split(') ').pop().split(' ')[3] === String(leader),
    )
    .map(Number);
}
function stat(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return ') X';
  }
}
// a file name may hold a newline or an escape sequence: never print those as they are
const printable = (t) =>
  t.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'),
  );
const describe = (e) => printable(`${e.name}(${e.paths.filter(Boolean).map(rel).join(', ')})`);

// ---------------------------------------------------------------- main
const t0 = Date.now();
freshCopy();
const ref = await run({});
if (ref.timedOut) {
  console.error(`crashpoints: the command did not end within ${opt.timeout} s`);
  process.exit(2);
}
if (ref.code !== 0) {
  console.error(`crashpoints: the command fails without any fault (exit ${ref.code ?? ref.signal}):\n${ref.output}`);
  process.exit(2);
}
const pts = ref.events.filter((e) => e.point);
console.log(
  `${pts.length} crash points in ${path.basename(command[0])} (${ref.events.filter((e) => e.op === 'sync').length} fsync, ${new Set(pts.map((e) => e.tid)).size} threads or processes that write)`,
);
if (opt.list) {
  for (const e of ref.events)
    console.log(`${e.point ? String(e.point).padStart(5) : '     '} ${describe(e)}${e.bytes ? ` ${e.bytes} B` : ''}`);
  process.exit(0);
}
if (!pts.length) {
  console.error('crashpoints: the command changes nothing below --dir');
  process.exit(2);
}

if (opt.mode === 'lint') {
  let bad = 0,
    good = 0;
  pts.forEach((e, i) => {
    if (e.op !== 'rename' && e.op !== 'link') return;
    const upTo = ref.events.slice(0, ref.events.indexOf(e) + 1);
    if (unsynced(upTo).dirty.some((d) => d.p === e.paths[1])) {
      bad++;
      console.log(`LINT point ${e.point}: ${describe(e)} makes data visible that was not fsynced`);
    } else good++;
  });
  const end = unsynced(ref.events);
  const real = (p) => fs.existsSync(p);
  for (const d of end.dirty)
    if (real(d.p)) {
      bad++;
      console.log(`LINT at exit: ${printable(rel(d.p))} has data that was not fsynced`);
    }
  for (const n of end.names)
    if (n.kind === 'unlink' || real(n.p)) {
      bad++;
      console.log(
        `LINT at exit: ${n.kind} of ${printable(rel(n.p))}: directory ${printable(rel(n.dir))} was not fsynced`,
      );
    }
  console.log(`${good} passed, ${bad} failed`);
  process.exit(bad ? 1 : 0);
}

const baseline = sh(opt.check, {
  CRASHPOINTS_POINT: '',
  CRASHPOINTS_SYSCALL: '',
  CRASHPOINTS_VARIANT: 'none',
  CRASHPOINTS_EXIT: '0',
});
if (baseline.status !== 0) {
  console.error(
    `crashpoints: the check fails (exit ${baseline.status ?? baseline.signal}) after a run without any fault:\n${baseline.stdout}${baseline.stderr}`,
  );
  process.exit(2);
}
const snap = path.join(base, 'snap');
function save() {
  fs.rmSync(snap, { recursive: true, force: true });
  must('cp', ['-a', '--reflink=auto', work, snap]);
}
function restore() {
  fs.rmSync(work, { recursive: true, force: true });
  must('cp', ['-a', '--reflink=auto', snap, work]);
}

let notReached = 0,
  cases = 0;
if (opt.mode === 'error') {
  // strace counts calls by tracee and by system call, among all calls of that name: the number that hits the wanted
  // call may differ from run to run, so a miss is tried again with the number that the missing run would have needed
  const chosen = pick(ref.events.map((_, i) => i)).map((i) => ref.events[i]);
  for (const err of opt.errors.split(','))
    for (const e of chosen) {
      let r = null;
      const attempt = async (when, only) => {
        freshCopy();
        const now = await run({ inject: `${e.name}:error=${err}:when=${when}`, only });
        now.found = now.hits.find(
          (h) => h.name === e.name && (only ? h.text === describe(e) : h.ordinal === e.ordinal),
        );
        // best: only the wanted call failed; next best: in another thread or process one more did
        if (now.found && (!r || now.stray < r.stray)) {
          r = now;
          save();
        }
        return now;
      };
      // by path first; a path with a random part in it is not met again, then by number among all calls of that name
      const only = [...new Set([...e.paths.filter(Boolean), ...e.raw])];
      const same =
        ref.events.filter((x) => x.name === e.name && x.paths.some((p) => e.paths.includes(p))).indexOf(e) + 1;
      for (let i = 0; i < 3 && !r; i++) if (!(await attempt(same + i, only)).hits.length) break;
      for (let i = 0, nth = e.nth; i < 8 && !r; i++) {
        const now = await attempt(nth, null);
        nth = now.events.find((x) => x.name === e.name && x.ordinal === e.ordinal)?.nth ?? (i % 2 ? e.nth : nth + 1);
      }
      const name = e.name;
      if (!r) {
        notReached++;
        if (opt.verbose) console.log(`miss ${err} at ${describe(e)} [${name} #${e.nth}]`);
        continue;
      }
      restore();
      cases++;
      const sig = r.signal ?? (r.code > 128 && r.code < 160 ? `exit ${r.code}` : null);
      judge(
        `${err} at ${r.found.text}${r.stray || r.hits.length > 1 ? ` and ${r.stray + r.hits.length - 1} more` : ''}`,
        {
          CRASHPOINTS_POINT: String(e.point ?? ''),
          CRASHPOINTS_SYSCALL: name,
          CRASHPOINTS_VARIANT: err,
          CRASHPOINTS_EXIT: String(r.code ?? ''),
        },
        r.timedOut ? `hangs (over ${opt.timeout} s)` : sig ? `dies: ${sig}` : null,
      );
    }
} else {
  const chosen = pick([0, ...pts.map((e) => e.point)]);
  for (const n of chosen) {
    freshCopy();
    const r = n ? await run({ stopAt: n }) : { events: [], points: 0, code: null };
    if (r.points < n) notReached++;
    if (opt.mode === 'powercut') save();
    const last = r.events[r.events.length - 1];
    const where = n ? `point ${n} after ${last ? describe(last) : '?'}` : 'point 0, before any change';
    const env = {
      CRASHPOINTS_POINT: String(n),
      CRASHPOINTS_SYSCALL: last?.name ?? '',
      CRASHPOINTS_EXIT: r.points < n ? String(r.code ?? '') : '',
    };
    cases++;
    judge(where, { ...env, CRASHPOINTS_VARIANT: 'kill' }, r.timedOut ? `hangs (over ${opt.timeout} s)` : null);
    if (opt.mode === 'powercut' && n) variants(where, r.events, env);
  }
  if (opt.mode === 'powercut') {
    // what a power cut just after a successful exit leaves
    freshCopy();
    const r = await run({});
    save();
    variants('after exit 0', r.events, {
      CRASHPOINTS_POINT: 'exit',
      CRASHPOINTS_SYSCALL: '',
      CRASHPOINTS_EXIT: String(r.code),
    });
  }
}
function variants(where, events, env) {
  const last = events[events.length - 1],
    u = unsynced(events),
    list = [];
  if (u.dirty.length) list.push(['data lost', () => loseData(u.dirty) > 0]);
  for (const d of u.dirty)
    if (last?.op === 'write' && d.p === last.paths[0] && last.bytes > 1)
      list.push([
        `torn ${printable(rel(d.p))}`,
        () => {
          fs.truncateSync(d.p, Math.max(0, fs.statSync(d.p).size - Math.ceil(last.bytes / 2)));
          return true;
        },
      ]);
  for (const nm of u.names) list.push([`name lost: ${nm.kind} ${printable(rel(nm.p))}`, () => loseName(nm)]);
  if (u.names.length > 1)
    list.push(['all unsynced names lost', () => [...u.names].reverse().map(loseName).some(Boolean)]);
  for (const [label, act] of list) {
    restore();
    let did = false;
    try {
      did = act();
    } catch (e) {
      if (opt.verbose) console.log(`skip ${where}, ${label}: ${e.code ?? e.message}`);
    }
    if (!did) continue;
    cases++;
    judge(`${where}, ${label}`, { ...env, CRASHPOINTS_VARIANT: label });
  }
}
console.log(
  `${cases} cases at ${opt.mode === 'error' ? 'system calls' : 'crash points'}, ${seen.size} different states on disk, ${notReached} not reached, ${((Date.now() - t0) / 1000).toFixed(1)} s`,
);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
