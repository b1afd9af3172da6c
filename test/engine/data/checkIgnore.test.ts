import { tell } from './scenario';

describe('check-ignore', () => {
  it('names the deciding pattern', () =>
    tell([
      { write: { '.dvcignore': '*.log\n!keep.log\n/d/logs/\n', 'd/logs/x': '', 'n/.dvcignore': '*.dat\n' } },
      {
        verb: 'check-ignore',
        targets: ['a.log', 'keep.log', 'd/logs/x', 'n/x.dat', 'x.dat', '.dvc'],
        options: { details: true, nonMatching: true },
        gives: {
          lines: [
            '.dvcignore:1:*.log\ta.log',
            '.dvcignore:2:!keep.log\tkeep.log',
            '.dvcignore:3:/d/logs/\td/logs/x',
            'n/.dvcignore:1:*.dat\tn/x.dat',
            '::\tx.dat',
            ':.dvc/\t.dvc',
          ],
        },
      },
      { verb: 'check-ignore', targets: ['a.log', 'keep.log'], gives: { lines: ['a.log'] } },
    ]));
});
