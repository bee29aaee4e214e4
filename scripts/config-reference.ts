import { writeFileSync } from 'node:fs';
import { renderReference } from '../src/config/reference.ts';
import { cloudSchema } from '../src/config/schema.ts';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), renderReference(cloudSchema));
