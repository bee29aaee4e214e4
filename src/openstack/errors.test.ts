import { describe, expect, it } from 'vitest';
import { ApiError, hasStatus, readErrorText } from './errors.ts';

describe('readErrorText', () => {
  it.each([
    [
      'Keystone',
      '{"error":{"code":404,"message":"Could not find project: x.","title":"Not Found"}}',
      'Could not find project: x.',
    ],
    [
      'Nova',
      '{"itemNotFound":{"code":404,"message":"Flavor x could not be found."}}',
      'Flavor x could not be found.',
    ],
    [
      'Neutron',
      '{"NeutronError":{"type":"NetworkInUse","message":"Network is in use.","detail":""}}',
      'Network is in use.',
    ],
    [
      'Placement',
      '{"errors":[{"status":404,"title":"Not Found","detail":"No such provider"}]}',
      'No such provider',
    ],
    [
      'Glance',
      '<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1>No image found<br /></body></html>',
      '404 Not Found No image found',
    ],
    [
      'HAProxy',
      '<html><body><h1>503 Service Unavailable</h1>\nNo server is available.\n</body></html>',
      '503 Service Unavailable No server is available.',
    ],
  ])('finds the message of %s', (_, body, expected) => {
    expect(readErrorText(body)).toBe(expected);
  });

  it('blanks secrets and cuts long messages', () => {
    expect(readErrorText('{"error":{"message":"key abc is bad"}}', ['abc'])).toBe('key *** is bad');
    expect(readErrorText('x'.repeat(5000)).length).toBeLessThan(700);
  });
});

describe('ApiError', () => {
  it('says whose move it is', () => {
    const whose = (status: number) =>
      new ApiError({ service: 'image', request: 'GET x', status, text: '' }).whose;
    expect([401, 409, 400, 404, 500, 503].map(whose)).toEqual([
      'user',
      'user',
      'bug',
      'bug',
      'environment',
      'environment',
    ]);
  });

  it('is told apart by status', () => {
    const error = new ApiError({ service: 'image', request: 'GET x', status: 404, text: '' });
    expect(hasStatus(error, 404, 409)).toBe(true);
    expect(hasStatus(new Error('404'), 404)).toBe(false);
  });
});
