import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Routes, startFakeApi } from './fake-api.ts';
import { adminLogin, fakeKeystone } from './fake-keystone.ts';
import { ensureImage, type ImageSource } from './image-upload.ts';
import { openSession } from './session.ts';

type StoredImage = Record<string, unknown> & { id: string };

const bytes = Buffer.from('guest '.repeat(5000));
const checksum = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The part of the Image API v2 that Gantry calls. */
function fakeGlance(images: StoredImage[]): Routes {
  const find = (id: string | undefined) => images.find((image) => image.id === id);
  return {
    'GET /image/v2/images': ({ query }) => ({
      json: {
        images: images.filter(
          (image) =>
            image.name === query.get('name') && image.owner === query.get('owner') && !image.os_hidden,
        ),
      },
    }),
    'POST /image/v2/images': ({ body }) => {
      const image = {
        ...(body as object),
        id: `image-${images.length}`,
        status: 'queued',
        owner: 'project-admin',
      };
      images.push(image);
      return { status: 201, json: image };
    },
    'GET /image/v2/images/*': (_, id) => ({ json: find(id) }),
    'GET /image/v2/info/stores': () => ({
      json: { stores: [{ id: 'ceph' }, { id: 'files', default: 'true' }] },
    }),
    'PUT /image/v2/images/*/file': ({ body, headers }, id) => {
      if (Number(headers['content-length']) !== (body as Buffer).length) return { status: 400 };
      Object.assign(find(id) ?? {}, {
        status: 'active',
        size: (body as Buffer).length,
        os_hash_algo: 'sha512',
        os_hash_value: createHash('sha512')
          .update(body as Buffer)
          .digest('hex'),
      });
      return { status: 204 };
    },
    'PATCH /image/v2/images/*': (request, id) => {
      if (request.headers['content-type'] !== 'application/openstack-images-v2.1-json-patch')
        return { status: 415 };
      const [change] = JSON.parse(String(request.body));
      Object.assign(find(id) ?? {}, { [change.path.slice(1)]: change.value });
      return { json: find(id) };
    },
    'DELETE /image/v2/images/*': (_, id) => {
      images.splice(
        images.findIndex((image) => image.id === id),
        1,
      );
      return { status: 204 };
    },
  };
}

const source: ImageSource = {
  name: 'guest',
  format: 'qcow2',
  checksum,
  sizeBytes: bytes.length,
  open: () => Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]),
  minDiskGib: 0,
  minRamMib: 128,
  properties: { hw_disk_bus: 'virtio' },
  visibility: 'public',
};

async function ensure(images: StoredImage[], wanted: Partial<ImageSource> = {}, more: Routes = {}) {
  let base = '';
  const keystone = fakeKeystone(() => ({ image: `${base}/image` }));
  const api = await startFakeApi({ ...keystone.routes, ...more, ...fakeGlance(images), ...more });
  base = api.url;
  const session = await openSession(adminLogin(api.url));
  try {
    return await ensureImage(session, { ...source, ...wanted }, () => undefined);
  } finally {
    await session.close();
  }
}

describe('ensureImage', () => {
  it('uploads, and finds it the second time', async () => {
    const images: StoredImage[] = [];
    const first = await ensure(images);
    expect(first).toMatchObject({ change: 'created', image: { status: 'active', hw_disk_bus: 'virtio' } });
    expect(await ensure(images)).toMatchObject({ change: 'exists', image: { id: first.image.id } });
    expect(images).toHaveLength(1);
  });

  describe('where images are cloned', () => {
    const ofCeph = {
      'GET /image/v2/info/stores': () => ({ json: { stores: [{ id: 'ceph', default: 'true' }] } }),
    };
    const importing = (images: StoredImage[], outcome: object): Routes => ({
      ...ofCeph,
      'PUT /image/v2/images/*/stage': () => ({ status: 204 }),
      'POST /image/v2/images/*/import': ({ body }) => {
        expect(body).toEqual({ method: { name: 'glance-direct' } });
        Object.assign(images[0] ?? {}, outcome);
        return { status: 202 };
      },
      'GET /image/v2/images/*/tasks': () => ({
        json: { tasks: [{ status: 'failure', message: 'Image format mismatch' }] },
      }),
    });

    it('has Glance make a raw one of it', async () => {
      const images: StoredImage[] = [];
      const made = {
        status: 'active',
        disk_format: 'raw',
        os_hash_algo: 'sha512',
        os_hash_value: 'of another',
      };
      const { image } = await ensure(images, {}, importing(images, made));
      expect(image).toMatchObject({ disk_format: 'raw', gantry_checksum: checksum });
    });

    it('says what Glance says against it, and keeps nothing', async () => {
      const images: StoredImage[] = [];
      const failed = ensure(images, {}, importing(images, { status: 'queued' }));
      await expect(failed).rejects.toMatchObject({ code: 'image.import', why: 'Image format mismatch' });
      expect(images).toEqual([]);
    });

    it('uploads one that is raw as it is', async () => {
      expect(await ensure([], { format: 'raw' }, ofCeph)).toMatchObject({ image: { status: 'active' } });
    });
  });

  it('makes an image again whose upload was interrupted, and leaves those of others alone', async () => {
    const owner = 'project-admin';
    const images: StoredImage[] = [
      { id: 'half', name: 'guest', owner, status: 'saving', gantry_checksum: checksum },
      { id: 'own', name: 'guest', owner, status: 'queued' },
    ];
    expect((await ensure(images)).change).toBe('created');
    expect(images.map(({ id }) => id)).toEqual(['own', 'image-1']);
  });

  it('hides the older image when there is a newer one', async () => {
    const images: StoredImage[] = [];
    await ensure(images, { checksum: `sha512:${createHash('sha512').update(bytes).digest('hex')}` });
    await ensure(images);
    expect(images.map((image) => image.os_hidden ?? false)).toEqual([true, false]);
  });

  it('keeps nothing whose checksum is wrong', async () => {
    const images: StoredImage[] = [];
    const failed = ensure(images, { checksum: `sha256:${'0'.repeat(64)}` });
    await expect(failed).rejects.toMatchObject({ code: 'image.checksum' });
    expect(images).toEqual([]);
  });

  it('keeps nothing of an upload that failed', async () => {
    const images: StoredImage[] = [];
    const failed = ensure(
      images,
      {},
      { 'PUT /image/v2/images/*/file': () => ({ status: 500, text: 'disk full' }) },
    );
    await expect(failed).rejects.toMatchObject({ code: 'openstack.image.500', why: 'disk full' });
    expect(images).toEqual([]);
  });
});
