import { Skip } from '../../../src/openstack/flow.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { Pages, pageError } from './pages.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    dashboard: unknown;
  }
}

export default {
  checks: [
    defineCheck({
      name: 'dashboard',
      needs: ['token'],
      run: async ({ token: user }, { dashboard, name, password, note }) => {
        if (dashboard === undefined) throw new Skip('this cloud has no dashboard');
        const pages = new Pages(user, dashboard);
        const begun = user.clock.now();
        const { url, html } = await pages.open('/');
        const first = user.clock.now() - begun;
        const hidden = hiddenFields(html);
        if (hidden.csrfmiddlewaretoken === undefined) throw pageError('its first page lets nobody log in');
        const home = await pages.open(url, { ...hidden, username: name, password });
        if (!home.html.includes(`>${name}<`)) throw pageError('the user cannot log in there');
        await pages.open('/project/instances/');
        await pages.open('/auth/logout/');
        note(`logged in over HTTPS; first page after ${(first / 1000).toFixed(1)} s`);
      },
    }),
  ],
} satisfies ServiceChecks;

/** What the form of a page sends beside what the user writes. */
function hiddenFields(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]));
}
