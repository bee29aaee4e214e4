import { join } from 'node:path';
import type { Cloud } from '../cloud/cloud.ts';
import { openAdministration } from '../cloud/session.ts';
import { Flow } from '../openstack/flow.ts';
import { ensureGuestImage } from '../openstack/guest-image.ts';
import { createFlowDisplay } from './flow-display.ts';
import type { GlobalOptions } from './options.ts';

/** The images for servers that cloud.yaml lists, in Glance. Throws the first failure after the others are done. */
export async function provideGuests(
  cloud: Cloud,
  options: GlobalOptions,
  signal: AbortSignal,
): Promise<void> {
  const { guests } = cloud.config.images;
  if (guests.length === 0) return;
  const session = await openAdministration(cloud, signal, (text) => process.stderr.write(`${text}\n`));
  const flow = new Flow(session.clock, session.signal, createFlowDisplay(options.progress, process.stderr));
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
