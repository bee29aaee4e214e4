import { GantryError } from '../../../src/errors.ts';
import { assignRole, DEFAULT_DOMAIN, projects, roles, users } from '../../../src/openstack/identity.ts';
import type { Session } from '../../../src/openstack/session.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { checkEndpoints } from './endpoints.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    /** A session of a user who may no more than users do, in a project that is the run's. */
    token: Session;
    catalogue: unknown;
  }
}

export default {
  checks: [
    defineCheck({
      name: 'token',
      run: async (_, { admin, name, password, note }) => {
        await makeUser(admin, name, password);
        note('of a new user');
        return admin.as({ user: name, password, project: name });
      },
    }),
    defineCheck({
      name: 'catalogue',
      needs: ['token'],
      run: async ({ token: user }, { serviceTypes, note }) => note(await checkEndpoints(user, serviceTypes)),
    }),
  ],
} satisfies ServiceChecks;

/** A project of its own with a user in it. */
async function makeUser(admin: Session, name: string, password: string): Promise<void> {
  const values = { name, domain_id: DEFAULT_DOMAIN };
  const [project, user, member] = await Promise.all([
    projects.create(admin, { ...values, description: 'Made by gantry verify' }),
    users.create(admin, { ...values, password }, { secrets: [password] }),
    roles.find(admin, { name: 'member' }),
  ]);
  if (!member) {
    throw new GantryError({
      code: 'verify.missing',
      whose: 'environment',
      message: 'the role member does not exist',
      next: 'Run `gantry up`.',
    });
  }
  await assignRole(admin, { scope: { project: project.id }, user: user.id, role: member.id });
}
