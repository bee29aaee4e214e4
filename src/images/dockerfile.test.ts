import { expect, it } from 'vitest';
import { parseDockerfile, renderDockerfile } from './dockerfile.ts';

const resolve = (base: { kind: string; name?: string }) => `${base.kind}/${base.name ?? 'debian'}@exact`;
const render = (text: string) => renderDockerfile(parseDockerfile('Dockerfile', text), resolve);

it('puts exact references in place of the names of images and of the root file system', () => {
  expect(render('FROM debian\nFROM gantry/base AS build\nCOPY --from=gantry/data /a /b\n')).toBe(
    'FROM rootfs/debian@exact\nFROM image/base@exact AS build\nCOPY --from=image/data@exact /a /b\n',
  );
});

it('leaves stages, scratch, comments and commands as they are', () => {
  const text = '# FROM gantry/base\nFROM scratch\nCOPY --from=build /a /b\nRUN echo "FROM gantry/base"\n';
  expect(render(text)).toBe(text);
});

it('keeps flags and the spelling of instructions', () => {
  expect(render('from --platform=linux/amd64 gantry/base as x\n')).toBe(
    'from --platform=linux/amd64 image/base@exact as x\n',
  );
});
