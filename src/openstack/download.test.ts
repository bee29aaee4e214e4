import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadFile } from './download.ts';
import { type FakeAnswer, type FakeRequest, startFakeApi } from './fake-api.ts';

const content = Buffer.from('0123456789'.repeat(1000));
const checksum = `sha256:${createHash('sha256').update(content).digest('hex')}`;
let cacheDir: string;

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'download-'));
});
afterEach(() => rm(cacheDir, { recursive: true }));

async function download(answer: (request: FakeRequest) => FakeAnswer, wanted = checksum) {
  const seen: (string | undefined)[] = [];
  const api = await startFakeApi({
    'GET /guest': (request) => {
      seen.push(request.headers.range);
      return answer(request);
    },
  });
  const progress: number[] = [];
  const path = await downloadFile({
    url: `${api.url}/guest`,
    checksum: wanted,
    cacheDir,
    dispatcher: new Agent(),
    onProgress: (done) => progress.push(done),
    signal: new AbortController().signal,
  });
  return { path, seen, progress };
}

function serveRanges({ headers }: FakeRequest): FakeAnswer {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (start === 0) return { text: content };
  if (start >= content.length) return { status: 416 };
  const range = `bytes ${start}-${content.length - 1}/${content.length}`;
  return { status: 206, headers: { 'content-range': range }, text: content.subarray(start) };
}

function partFile(): string {
  return join(cacheDir, `${checksum.replace(':', '-')}.part`);
}

describe('downloadFile', () => {
  it('downloads once and then finds it in the cache', async () => {
    const first = await download(serveRanges);
    expect(await readFile(first.path)).toEqual(content);
    expect(first.progress.at(-1)).toBe(content.length);
    expect((await download(serveRanges)).seen).toEqual([]);
  });

  it('goes on where an interrupted download stopped', async () => {
    await writeFile(partFile(), content.subarray(0, 4000));
    const { path, seen } = await download(serveRanges);
    expect(seen).toEqual(['bytes=4000-']);
    expect(await readFile(path)).toEqual(content);
  });

  it('takes a part that is whole', async () => {
    await writeFile(partFile(), content);
    expect(await readFile((await download(serveRanges)).path)).toEqual(content);
  });

  it('starts over where the server cannot resume', async () => {
    await writeFile(partFile(), 'something old');
    expect(await readFile((await download(() => ({ text: content }))).path)).toEqual(content);
  });

  it('starts over where the first part is of another file', async () => {
    await writeFile(partFile(), 'x'.repeat(4000));
    const { path, seen } = await download(serveRanges);
    expect(seen).toEqual(['bytes=4000-', undefined]);
    expect(await readFile(path)).toEqual(content);
  });

  it('keeps nothing whose checksum is wrong', async () => {
    const wrong = `sha256:${'0'.repeat(64)}`;
    await expect(download(serveRanges, wrong)).rejects.toMatchObject({ code: 'download.checksum' });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('says what the server answered', async () => {
    await expect(download(() => ({ status: 404 }))).rejects.toMatchObject({
      code: 'download.failed',
      why: 'the server answered 404',
    });
  });
});
