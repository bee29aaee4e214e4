import type { Locator } from 'playwright-core';
import type { Browser } from './browser.ts';

const SERVER_LIMIT_MS = 120_000;

/** What users do in the dashboard, as they do it: by what is written on its pages. */
export class Dashboard {
  constructor(private readonly browser: Browser) {}

  /** Launches a server of the first flavor; resolves once its page says that it runs. */
  async launchServer({
    name,
    image,
    flavor,
    network,
  }: Record<'name' | 'image' | 'flavor' | 'network', string>) {
    const { page } = this.browser;
    await this.browser.goTo('/project/instances/');
    await page.getByRole('link', { name: 'Launch Instance' }).click();
    await page.locator('#name').fill(name);
    await this.#choose('Source', image);
    await this.#choose('Flavor', flavor);
    await this.#choose('Networks', network);
    await page.locator('.modal-footer .finish').click();
    const row = page.locator('#instances tbody tr', { hasText: name });
    await row.filter({ hasText: 'Active' }).waitFor({ timeout: SERVER_LIMIT_MS });
    await this.browser.picture('server');
  }

  /** Opens the console of a server; resolves once its screen is connected. */
  async openConsole(name: string): Promise<Locator> {
    const { page } = this.browser;
    await this.browser.goTo('/project/instances/');
    await page.locator('#instances').getByRole('link', { name, exact: true }).click();
    await page
      .getByRole('tab', { name: 'Console' })
      .or(page.getByRole('link', { name: 'Console', exact: true }))
      .first()
      .click();
    const screen = page.frameLocator('#console_embed');
    await screen.getByText(/Connected/).waitFor();
    await this.browser.picture('console');
    return screen.locator('canvas');
  }

  /** Uploads an image from a file; resolves once its page says that servers may be made of it. */
  async uploadImage(name: string, file: string): Promise<void> {
    const { page } = this.browser;
    await this.browser.goTo('/project/images/');
    await page.getByRole('button', { name: 'Create Image' }).click();
    await page.locator('#imageForm-name').fill(name);
    await page.locator('input[name=image_file]').setInputFiles(file);
    await page.locator('#imageForm-format').selectOption({ label: 'QCOW2 - QEMU Emulator' });
    await page.locator('.modal-footer .finish').click();
    await page
      .locator('tr', { hasText: name })
      .filter({ hasText: 'Active' })
      .waitFor({ timeout: SERVER_LIMIT_MS });
    await this.browser.picture('image');
  }

  /** Launches a stack of a template in a file; resolves once it is complete. */
  async launchStack(name: string, template: string, password: string): Promise<void> {
    const { page } = this.browser;
    await this.browser.goTo('/project/stacks/');
    await page.getByRole('link', { name: 'Launch Stack' }).click();
    await page.locator('#id_template_upload').setInputFiles(template);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.locator('#id_stack_name').fill(name);
    await page.locator('#id_password').fill(password);
    await page.getByRole('button', { name: 'Launch' }).click();
    await page
      .locator('tr', { hasText: name })
      .filter({ hasText: 'Create Complete' })
      .waitFor({ timeout: SERVER_LIMIT_MS });
    await this.browser.picture('stack');
  }

  /** In a wizard's step, puts what has this name among what is chosen. */
  async #choose(step: string, name: string): Promise<void> {
    const { page } = this.browser;
    await page.locator('.wizard-nav').getByText(step, { exact: true }).click();
    const row = page.locator('.step:visible .transfer-available tbody tr', { hasText: name });
    await row.locator('button .fa-arrow-up, button.fa-arrow-up').first().click();
  }
}
