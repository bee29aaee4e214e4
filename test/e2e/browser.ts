import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { keepPicture } from './artifacts.ts';
import { readCloudEntry } from './client.ts';
import type { Gantry } from './gantry.ts';

const STEP_LIMIT_MS = 30_000;

/** Debian's Chromium, without a window, in the hands of one user of the dashboard. */
export class Browser {
  /** What went wrong in the programs of its pages. */
  readonly errors: string[] = [];

  private constructor(
    private readonly cloud: string,
    private readonly root: string,
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('console', (message) => {
      if (/\b(Type|Reference|Syntax)Error\b/.test(message.text())) this.errors.push(message.text());
    });
  }

  /** At the dashboard of a cloud, whose certificate is the only one that it takes beside those of known authorities. */
  static async open(gantry: Gantry): Promise<Browser> {
    const { cacert } = await readCloudEntry(gantry);
    const { endpoints } = JSON.parse(await gantry.output('status', '-o', 'json')) as {
      endpoints: { type: string; url: string }[];
    };
    const root = endpoints.find(({ type }) => type === 'dashboard')?.url;
    if (root === undefined) throw new Error(`the cloud ${gantry.name} has no dashboard`);
    const pin = await pinOf(root, await readFile(cacert, 'utf8'));
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [`--ignore-certificate-errors-spki-list=${pin}`],
    });
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(STEP_LIMIT_MS);
    return new Browser(gantry.name, root, context, await context.newPage());
  }

  async close(): Promise<void> {
    await this.context.browser()?.close();
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.root).href);
  }

  async logIn({ username, password }: { username: string; password: string }): Promise<void> {
    await this.goTo('/');
    await this.page.fill('#id_username', username);
    await this.page.fill('#id_password', password);
    await this.page.click('#loginBtn');
    await this.page.waitForURL(/\/(project|identity|admin)\//);
  }

  /** Names of the panels that this user is shown. */
  async panels(): Promise<string[]> {
    const names = await this.page.locator('#sidebar-accordion a.openstack-panel').allTextContents();
    return names.map((name) => name.trim());
  }

  /** Keeps what is seen. */
  async picture(name: string): Promise<void> {
    await keepPicture(`${this.cloud}.${name}.png`, await this.page.screenshot());
  }
}

/**
 * Of the key of a certificate that the authority has signed, as Chromium takes it:
 * https://www.chromium.org/Home/chromium-security/certificate-transparency (SHA-256 of SubjectPublicKeyInfo, base64)
 */
async function pinOf(url: string, authority: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port || 443), ca: authority });
  try {
    await once(socket, 'secureConnect');
    const { publicKey } = new X509Certificate(socket.getPeerCertificate(true).raw);
    return createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
  } finally {
    socket.destroy();
  }
}
