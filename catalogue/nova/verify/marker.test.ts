import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readMarkers, userData } from './marker.ts';
import { socketUrl } from './vnc.ts';

describe('user data', () => {
  it('is a script that sh can read', () => {
    expect(userData().startsWith('#!/bin/sh\n')).toBe(true);
    expect(() => execFileSync('sh', ['-n'], { input: userData() })).not.toThrow();
  });
});

describe('readMarkers', () => {
  it('finds what the server said between other lines', () => {
    const console = 'boot\r\ngantry-verify address=10.29.31.7\r\n[ 3.1] x\r\ngantry-verify metadata=3f-1\r\n';
    expect(Object.fromEntries(readMarkers(console))).toEqual({ address: '10.29.31.7', metadata: '3f-1' });
  });

  it('finds the address that the guest says by itself, where no script comes', () => {
    const console =
      'gantry-guest: eth0: address 10.29.30.193/24, MTU 1442\r\ngantry-guest: no config drive\r\n';
    expect(Object.fromEntries(readMarkers(console))).toEqual({ address: '10.29.30.193' });
  });

  it('finds nothing before the server spoke', () => {
    expect(readMarkers('boot\n').size).toBe(0);
  });
});

describe('socketUrl', () => {
  it.each([
    ['https://cloud:6080/vnc_auto.html?path=%3Ftoken%3Dabc', 'wss://cloud:6080/?token=abc'],
    ['http://cloud:6080/vnc_lite.html?path=websockify%3Ftoken%3Dabc', 'ws://cloud:6080/websockify?token=abc'],
    ['https://cloud:6080/vnc_auto.html?token=abc', 'wss://cloud:6080/?token=abc'],
  ])('follows %s', (page, socket) => {
    expect(socketUrl(page)).toBe(socket);
  });
});
