import { expect, it } from 'vitest';
import { parseDescription } from './description.ts';

it('reads what an image is', () => {
  const text = 'summary: Nova\nuser: nova\nprograms:\n  - [nova-manage, --version]\n';
  expect(parseDescription('image.yaml', text)).toEqual({
    summary: 'Nova',
    user: 'nova',
    programs: [['nova-manage', '--version']],
  });
});

it.each([
  ['summary: Nova\nuser: novae\nprograms: [[true]]\n', 2, 7],
  ['summary: Nova\nuser: nova\nprograms:\n  - nova\n', 4, 5],
  ['summary: Nova\nuser: nova\nprograms: [[id]]\ncapabilities: [NET_ROW]\n', 4, 16],
  ['summary: [\n', 2, 1],
])('says where %j is wrong', (text, line, column) => {
  expect(() => parseDescription('image.yaml', text)).toThrow(
    expect.objectContaining({ place: expect.objectContaining({ line, column }) }),
  );
});
