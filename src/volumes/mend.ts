import { completeAttachment, removeAttachment, resetVolume } from '../openstack/attachments.ts';
import type { Session } from '../openstack/session.ts';
import type { Finding, Mend } from './compare.ts';

export interface Mending {
  /** An administrator's. */
  admin: Session;
  /** Runs the command that mends what Nova has recorded (VolumeRecords), with these arguments. */
  record(verb: 'forget' | 'keep', server: string, volume: string): Promise<void>;
}

/** What is done about a finding, one call after the other. May be interrupted and done again. */
export async function mendFinding({ mends }: Finding, mending: Mending): Promise<void> {
  for (const mend of mends) await callFor(mend, mending);
}

async function callFor(mend: Mend, { admin, record }: Mending): Promise<void> {
  switch (mend.call) {
    case 'forget':
    case 'keep':
      return record(mend.call, mend.server, mend.volume);
    case 'remove attachment':
      return removeAttachment(admin, mend.attachment);
    case 'complete attachment':
      return completeAttachment(admin, mend.attachment);
    case 'reset':
      return resetVolume(admin, mend.volume, mend.status);
  }
}

/** `volume disk (ID) and server web: what is wrong`, without what to do. */
export function describeFinding({ volume, server, seen }: Finding): string {
  const about = [
    volume && `volume ${[volume.name, `(${volume.id})`].filter(Boolean).join(' ')}`,
    server && `server ${server.name}`,
  ];
  return `${about.filter(Boolean).join(', ')}: ${seen}`;
}
