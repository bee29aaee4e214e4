import { randomBytes } from 'node:crypto';
import { GantryError } from '../../../src/errors.ts';
import { getObject, makeContainer, putObject } from '../../../src/openstack/object-store.ts';
import { defineCheck } from '../../../src/verify/check.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    objects: unknown;
  }
}

const SIZE = 2 ** 20;

/** An object is read as it was written. */
export const objectsCheck = defineCheck({
  name: 'objects',
  needs: ['token'],
  run: async ({ token: user }, { name, note }) => {
    const content = randomBytes(SIZE);
    await makeContainer(user, name);
    await putObject(user, { container: name, name: 'object', content });
    const found = await getObject(user, name, 'object');
    if (!found.equals(content)) {
      throw new GantryError({
        code: 'verify.object',
        whose: 'environment',
        message: 'the object read is not the object written',
        why: `${found.length} bytes of ${SIZE} were read`,
      });
    }
    note(`${SIZE / 2 ** 20} MiB, the same bytes`);
  },
});
