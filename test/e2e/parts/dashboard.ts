import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../browser.ts';
import { type Login, readCloudEntry } from '../client.ts';
import { Dashboard } from '../dashboard.ts';
import type { GroupCloud } from '../group-cloud.ts';

/** The dashboard in a real browser, of a cloud with Heat that has had its demo made; horizon-complete has what takes longer. */
export function testDashboard(use: () => GroupCloud, cloud: string): void {
  let administrator: Browser;
  let user: Browser;
  let demo: Login;

  beforeAll(async () => {
    const { gantry } = use();
    const [own, other] = [await readCloudEntry(gantry), await readCloudEntry(gantry, `${cloud}-demo`)];
    [administrator, user] = [await Browser.open(gantry), await Browser.open(gantry)];
    demo = other.auth;
    await administrator.logIn(own.auth);
  });
  afterAll(() => Promise.all([administrator?.close(), user?.close()]));

  test('lets nobody in with a wrong password', async () => {
    await user.goTo('/');
    await user.page.fill('#id_username', demo.username);
    await user.page.fill('#id_password', 'wrong');
    await user.page.click('#loginBtn');
    await user.page.getByText('Invalid credentials').waitFor();
    await user.picture('refused');
  });

  test('shows the panels of the services that are on, and no others', async () => {
    const shown = await administrator.panels();
    expect(shown).toEqual(
      expect.arrayContaining(['Instances', 'Images', 'Networks', 'Stacks', 'Hypervisors']),
    );
    expect(shown.filter((name) => /Volume|Backup|Snapshot|Container/.test(name))).toEqual([]);
    await administrator.picture('panels');
  });

  test('launches a server for a user who is no administrator', async () => {
    await user.logIn(demo);
    expect(await user.panels()).not.toContain('Hypervisors');
    await new Dashboard(user).launchServer({
      name: 'first',
      image: 'gantry-guest',
      flavor: 'm1.nano',
      network: 'demo',
    });
    expect(user.errors).toEqual([]);
  });
}
