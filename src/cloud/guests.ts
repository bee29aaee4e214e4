import { join } from 'node:path';
import { Flow } from '../openstack/flow.ts';
import { ensureGuestImage } from '../openstack/guest-image.ts';
import { inform } from './caller.ts';
import type { Run } from './change.ts';
import type { Cloud } from './cloud.ts';
import { openAdministration } from './session.ts';

/** The images for servers that cloud.yaml lists, in Glance. Throws the first failure after the others are done. */
export async function provideGuests(
  cloud: Cloud,
  { emit, signal }: Pick<Run, 'emit' | 'signal'>,
): Promise<void> {
  const { guests } = cloud.config.images;
  if (guests.length === 0) return;
  const session = await openAdministration(cloud, signal, (text) => inform(emit, text));
  const flow = new Flow(session.clock, session.signal, emit);
  for (const spec of guests) {
    flow.start(`image ${spec.name}`, {}, async (_, context) => {
      const { change } = await ensureGuestImage(session, spec, {
        cacheDir: join(cloud.stateDirectory, 'guests'),
        onDownload: context.progress,
        onUpload: context.progress,
      });
      context.note(change);
    });
  }
  const results = await flow.finish().finally(() => session.close());
  const failed = results.find((result) => result.error);
  if (failed?.error) throw failed.error;
}
