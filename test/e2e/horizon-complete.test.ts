import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../src/root.ts';
import { Browser } from './browser.ts';
import { type Login, readCloudEntry } from './client.ts';
import { Dashboard } from './dashboard.ts';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';

/** What users do in the dashboard with all services that it has panels of, at a port of its own. */
const cloud = 'e2ehorizonall';
const lines = `services: {horizon: true, heat: true, swift: true, ceph: true, cinder: true}
public: {ports: {dashboard: 8443}}
`;

const group = useGroupCloud(cloud, lines);

describe('the dashboard', () => {
  let browser: Browser;
  let dashboard: Dashboard;
  let demo: Login;

  testComing(group);

  beforeAll(async () => {
    const { gantry } = group();
    await expectDone(group(), 'demo');
    demo = (await readCloudEntry(gantry, `${cloud}-demo`)).auth;
    browser = await Browser.open(gantry);
    dashboard = new Dashboard(browser);
    await browser.logIn(demo);
  });
  afterAll(() => browser?.close());

  test('shows volumes, their backups, containers and stacks where there are such', async () => {
    const shown = await browser.panels();
    expect(shown).toEqual(
      expect.arrayContaining(['Volumes', 'Backups', 'Snapshots', 'Containers', 'Stacks']),
    );
    expect(shown).not.toContain('Template Generator');
  });

  test('shows the screen of a server', async () => {
    await dashboard.openConsole('demo');
  });

  test('takes an image from a file', async () => {
    const image = join(group().directory, 'image.qcow2');
    await expectDone(group(), 'openstack', 'image', 'save', '--file', image, 'gantry-guest');
    await dashboard.uploadImage('uploaded', image);
  });

  test('launches a stack', async () => {
    await dashboard.launchStack('word', join(projectRoot(), 'examples/heat/word.yaml'), demo.password);
  });

  test('knows its users when it is replaced, and when its key is a new one', async () => {
    await group().gantry.configure(`${lines}workers: {horizon: 2}\n`);
    await expectDone(group(), 'up');
    await expectLoggedIn();
    await expectDone(group(), 'rotate', 'dashboard-sessions', '--yes');
    await expectLoggedIn();
    await expectDone(group(), 'plan', '--detailed-exitcode');
  });

  async function expectLoggedIn(): Promise<void> {
    await browser.goTo('/project/instances/');
    expect(new URL(browser.page.url()).pathname).toBe('/project/instances/');
  }

  test('has no program that fails in its pages', () => expect(browser.errors).toEqual([]));

  testGoing(group);
});
