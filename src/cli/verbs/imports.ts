/** `strata import`, `import-url`, `update`, `get`, `list`: what came from where, and lists of names that scripts can read. */

import { type ListAnswer } from '../../engine/verbs/imports';
import { noteForGit, type Printer, type View } from './printer';

export const importData: Printer<'import' | 'import-url'> = {
  print: (answer, { output, text }) => {
    const { path, source, size, file, nfiles = 1 } = answer;
    if (size === undefined) output.line(text.t('cli.import.bare', { path, source, file }));
    else output.line(text.t('cli.import.done', { path, source, size: text.size(size), n: nfiles }));
    noteForGit(answer.files, { output, text });
  },
};

export const update: Printer<'update'> = {
  print: (answer, { output, text }) => {
    for (const { path, source, state, rev } of answer.updated) {
      const key = state === 'updated' && rev !== undefined ? 'updatedTo' : state;
      output.line(text.t(`cli.update.${key}`, { path, source, rev: rev?.slice(0, 7) ?? '' }));
    }
    noteForGit(answer.files, { output, text });
  },
};

export const get: Printer<'get' | 'get-url'> = {
  print: (answer, { output, text }) => {
    if (answer.url !== undefined) output.line(answer.url);
    else
      output.line(text.t('cli.get.done', { path: answer.path, size: text.size(answer.size), n: answer.nfiles ?? 1 }));
  },
};

export const list: Printer<'list'> = {
  print: (answer, view) => {
    const { args, output } = view;
    const names = args.tree ? branches(answer) : answer.map((entry) => entry.path);
    for (const line of columns(answer, names, view)) output.line(line);
  },
};

/** Size and hash before the name, as asked for. */
function columns(answer: ListAnswer, names: readonly string[], { args, text }: View<'list'>): string[] {
  const sizes = answer.map(({ size, isdir }) => (args.size && size !== null && !isdir ? text.size(size) : ''));
  const width = Math.max(0, ...sizes.map((size) => size.length));
  return answer.map((entry, n) => {
    const hash = args.showHash ? `${(entry.md5 ?? '-').padEnd(36)}  ` : '';
    return `${args.size ? `${(sizes[n] ?? '').padStart(width)}  ` : ''}${hash}${names[n] ?? ''}`;
  });
}

/** Names drawn as a tree: each entry comes after its folder. */
function branches(answer: ListAnswer): string[] {
  const paths = answer.map((entry) => entry.path);
  return paths.map((path) => {
    const parts = path.split('/');
    const lead = parts
      .slice(0, -1)
      .map((_, depth) => (isLast(paths, parts.slice(0, depth + 1).join('/')) ? '    ' : '│   '));
    return `${lead.join('')}${isLast(paths, path) ? '└── ' : '├── '}${parts.at(-1) ?? ''}`;
  });
}

/** True for the last entry of its folder. */
function isLast(paths: readonly string[], path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const last = paths.findLast((other) => other.startsWith(folder) && !other.slice(folder.length).includes('/'));
  return last === path;
}

export const listUrl: Printer<'list-url'> = {
  print: (answer, { args, output, text }) => {
    const sizes = answer.map(({ size }) => (args.size && typeof size === 'number' ? text.size(size) : ''));
    const width = Math.max(0, ...sizes.map((size) => size.length));
    answer.forEach(({ path }, n) => output.line(args.size ? `${(sizes[n] ?? '').padStart(width)}  ${path}` : path));
  },
};
