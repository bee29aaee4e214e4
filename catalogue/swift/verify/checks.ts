import type { ServiceChecks } from '../../../src/verify/check.ts';
import { objectsCheck } from '../../common/verify/objects.ts';

export default { checks: [objectsCheck] } satisfies ServiceChecks;
