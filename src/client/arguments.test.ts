import { describe, expect, test } from 'vitest';
import { releases } from '../model/releases.ts';
import { projectRoot } from '../root.ts';
import { findFileArguments } from './arguments.ts';
import { loadArgumentTable } from './load.ts';

const table = loadArgumentTable(projectRoot(), releases[0].name);
/** Each file with what is done with it, as `USE PATH`. */
const filesOf = (line: string) =>
  findFileArguments(line.split(' '), table).files.map(({ use, path }) => `${use} ${path}`);

describe('files are found', () => {
  test.each([
    ['image create --file ./x.img name', ['in-or-stdin ./x.img']],
    ['image create name --file=./x=y.img --public', ['in-or-stdin ./x=y.img']],
    ['image create --fil x.img name', ['in-or-stdin x.img']],
    ['--os-cacert ca.pem image create --file x.img name', ['in ca.pem', 'in-or-stdin x.img']],
    [
      'image create --file x.img name --os-cacert ca.pem --os-cert=c.pem',
      ['in-or-stdin x.img', 'in ca.pem', 'in c.pem'],
    ],
    ['--os-cloud image image save --file out.img x', ['out out.img']],
    ['im sa --file out.img x', ['out out.img']],
    ['keypair create --public-key ~/.ssh/id.pub me', ['in ~/.ssh/id.pub']],
    ['keypair create me --private-key key', ['out-secret key']],
    [
      'server create --user-data init --file /etc/motd=motd --nic none s',
      ['in init', 'in-after-equals motd'],
    ],
    ['server create --file /etc/motd s', []],
    ['object create box a.txt dir/b.txt', ['in-named a.txt', 'in-named dir/b.txt']],
    ['object create --name n box -- -a', ['in-named -a']],
    ['secret store -Fpayload --name n', ['in payload']],
    ['secret store -F payload', ['in payload']],
    ['policy create --type application/json rules.json', ['in rules.json']],
    ['image create --file - name', ['in-or-stdin -']],
    ['--log-file log server list', ['out-append log']],
  ])('in %s', (line, files) => expect(filesOf(line)).toEqual(files));

  test.each([
    'server list --name --file',
    'image list --name x.img',
    'image create --property --file name',
    'nonsense create --file x',
    'image create --file',
    'help image create',
    '',
  ])('and none in "%s"', (line) => expect(filesOf(line)).toEqual([]));
});

test.each([
  ['image create name', true],
  ['image create --file x name', false],
  ['image stage name', true],
  ['image list', false],
])('%s reads standard input: %s', (line, reads) =>
  expect(findFileArguments(line.split(' '), table).readsStdin).toBe(reads),
);
