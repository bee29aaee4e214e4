import { describe, expect, it } from 'vitest';
import { uwsgiFile, type WsgiOptions } from './uwsgi.ts';

const api: WsgiOptions = { module: 'an.api:application', port: 80, workers: 2, gid: 900, environment: {} };

function imported(options: Partial<WsgiOptions>): string[] {
  const { content } = uwsgiFile({ ...api, ...options });
  return [...String(content).matchAll(/^shared-import = (.*)$/gm)].map(([, module]) => module ?? '');
}

describe('what is imported before workers are forked', () => {
  it('ends with what keeps its memory shared', () => {
    expect(imported({ preload: ['an.api.models', 'pymysql'] })).toEqual([
      'an.api.models',
      'pymysql',
      'before_fork',
    ]);
    expect(imported({ forked: true })).toEqual(['before_fork']);
  });

  it('is nothing where nothing would be shared', () => {
    expect(imported({ preload: ['an.api.models'], workers: 1 })).toEqual([]);
    expect(imported({ forked: true, workers: 1 })).toEqual([]);
    expect(imported({})).toEqual([]);
  });
});
