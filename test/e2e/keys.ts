import { expect } from 'vitest';
import type { ApiClient } from './client.ts';

/** Service type of what keeps keys. */
export const KEYS = 'key-manager';

/** Path of what a secret holds. */
export const payloadOf = (id: string) => `/v1/secrets/${id}/payload`;

/** Secrets of a cloud that tests have stored, with what they hold and whose they are. */
export class Secrets {
  private readonly stored = new Map<string, { payload: string; api: ApiClient }>();

  /** Stores a text; resolves to the id that it is found by. */
  async store(api: ApiClient, payload: string): Promise<string> {
    const id = await storeSecret(api, { payload, payload_content_type: 'text/plain' });
    this.stored.set(id, { payload, api });
    return id;
  }

  /** Everything is read as it was stored, by whom it belongs to. */
  async expectAllReadable(): Promise<void> {
    expect(this.stored.size).toBeGreaterThan(0);
    for (const [id, { payload, api }] of this.stored) {
      const { status, content } = await readSecret(api, id);
      expect(`${status} ${content}`, id).toBe(`200 ${payload}`);
    }
  }
}

/** Stores what Barbican's API takes; resolves to the id that it is found by. */
export async function storeSecret(api: ApiClient, given: object): Promise<string> {
  const { secret_ref: made } = await api.make<{ secret_ref: string }>(KEYS, '/v1/secrets', given);
  return made.slice(made.lastIndexOf('/') + 1);
}

export const readSecret = (api: ApiClient, id: string) =>
  api.ask('GET', KEYS, payloadOf(id), { headers: { accept: 'text/plain' } });
